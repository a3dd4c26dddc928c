// Uploads files of 1 B to 4 MiB through the unmodified 0G client and downloads them again:
//   node round-trip.mjs <rpc url> <indexer url> <private key>
// Prints one JSON line {"files": n, "bytes": n} at the end; exit code 1 names the first file that differs.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Indexer, MemData } from "@0gfoundation/0g-ts-sdk";
import { JsonRpcProvider, Wallet } from "ethers";

const SIZES = [1, 255, 256, 257, 4_097, 65_537, 262_144, 262_145, 1_048_579, 4_194_304];

const [rpcUrl, indexerUrl, privateKey] = process.argv.slice(2);
if (!rpcUrl || !indexerUrl || !privateKey) {
  console.error("usage: node round-trip.mjs <rpc url> <indexer url> <private key>");
  process.exit(2);
}

// The client logs each step to standard output, which is for the result.
console.log = (...values) => console.error(...values);

const provider = new JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1 });
const signer = new Wallet(privateKey, provider);
const indexer = new Indexer(indexerUrl);
const folder = mkdtempSync(join(tmpdir(), "glassbox-0g-sdk-"));
const salt = Date.now() & 255;

async function roundTrip(size) {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 13 + (i >> 16) * 101 + salt) & 255);
  const [stored, uploadError] = await indexer.upload(new MemData(bytes), rpcUrl, signer);
  if (uploadError !== null) throw new Error(`upload of ${size} bytes failed`, { cause: uploadError });
  const path = join(folder, String(size));
  const downloadError = await indexer.download(stored.rootHash, path, true);
  if (downloadError !== null) throw new Error(`download of ${size} bytes failed`, { cause: downloadError });
  if (!readFileSync(path).equals(Buffer.from(bytes))) throw new Error(`the file of ${size} bytes came back changed`);
}

try {
  for (const size of SIZES) await roundTrip(size);
  const total = SIZES.reduce((sum, size) => sum + size, 0);
  process.stdout.write(`${JSON.stringify({ files: SIZES.length, bytes: total })}\n`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
  provider.destroy();
}
