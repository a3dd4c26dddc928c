import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { addressBookJsonSchema } from "../src/chain/address-book.ts";

/** The largest runtime code and the largest creation code a chain accepts (EIP-170, EIP-3860). */
const MAX_CODE_BYTES = 24_576;
const MAX_INIT_CODE_BYTES = 49_152;

const root = fileURLToPath(new URL("../", import.meta.url));
const problems = [...(await oversizedContracts()), ...(await staleSchema()), ...(await misnamedTests())];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Contracts that no chain would take. */
async function oversizedContracts(): Promise<string[]> {
  const folder = join(root, "artifacts/contracts");
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".json"));
  const found: string[] = [];
  for (const file of files) {
    const artifact = JSON.parse(await readFile(join(folder, file), "utf8")) as Record<string, string>;
    for (const [field, limit] of [
      ["deployedBytecode", MAX_CODE_BYTES],
      ["bytecode", MAX_INIT_CODE_BYTES],
    ] as const) {
      const bytes = ((artifact[field]?.length ?? 2) - 2) / 2;
      if (bytes > limit) found.push(`${file}: ${field} has ${bytes} bytes, at most ${limit} are allowed`);
    }
  }
  return found;
}

/** The committed schema of address books must be the one that the code checks. */
async function staleSchema(): Promise<string[]> {
  const committed = await readFile(join(root, "deployments/schema.json"), "utf8");
  const current = `${JSON.stringify(addressBookJsonSchema(), null, 2)}\n`;
  return committed === current ? [] : ["deployments/schema.json differs from the schema in src/chain/address-book.ts"];
}

/** A test in a file of another name would never run. */
async function misnamedTests(): Promise<string[]> {
  const files = await readdir(join(root, "test"), { recursive: true });
  const found: string[] = [];
  for (const file of files) {
    if (/node_modules|\.test\.ts$|\.t\.sol$/.test(file) || !/\.(ts|sol)$/.test(file)) continue;
    const text = await readFile(join(root, "test", file), "utf8");
    const pattern = file.endsWith(".sol") ? /function (test|invariant)/ : /^\s*(describe|it)\(/m;
    if (pattern.test(text)) found.push(`test/${file} holds tests but no test runs it`);
  }
  return found;
}
