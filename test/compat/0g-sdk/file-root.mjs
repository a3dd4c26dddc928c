// Computes the root of a file on disk through the unmodified 0G client:
//   node file-root.mjs <path> <repeats>
// Prints one JSON line {"root": hex, "milliseconds": median}.
import { ZgFile } from "@0gfoundation/0g-ts-sdk";

const [path, repeats] = process.argv.slice(2);

// The client logs each step to standard output, which is for the result.
console.log = () => undefined;

let root;
const times = [];
for (let repeat = 0; repeat < Number(repeats); repeat++) {
  const file = await ZgFile.fromFilePath(path);
  const started = performance.now();
  const [tree, error] = await file.merkleTree();
  if (error !== null) throw error;
  root = tree.rootHash();
  times.push(performance.now() - started);
  await file.close();
}
const milliseconds = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
process.stdout.write(`${JSON.stringify({ root, milliseconds })}\n`);
