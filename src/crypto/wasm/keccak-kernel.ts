import { LEAF_BYTES } from "../../core/bytes.ts";
import { ensureInvariant } from "../../core/errors.ts";
import { KECCAK_MODULE } from "./generated/keccak.ts";

/** What the module exports; lengths and addresses in bytes. */
interface KeccakExports {
  readonly memory: WebAssembly.Memory;
  readonly INPUT: WebAssembly.Global;
  readonly INPUT_BYTES: WebAssembly.Global;
  readonly OUTPUT: WebAssembly.Global;
  hashLeaves(count: number): void;
  hashPairs(count: number): void;
}

const HASH_BYTES = 32;
const PAIR_BYTES = 2 * HASH_BYTES;

const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(KECCAK_MODULE, "base64")));
const kernel = instance.exports as unknown as KeccakExports;
const inputBytes = kernel.INPUT_BYTES.value;
const input = new Uint8Array(kernel.memory.buffer, kernel.INPUT.value, inputBytes);
const output = new Uint8Array(kernel.memory.buffer, kernel.OUTPUT.value, inputBytes / 2);

/** Writes keccak256 of each 256 bytes of `leaves` to `hashes`, side by side. */
export function hashLeaves(leaves: Uint8Array, hashes: Uint8Array): void {
  hashRun(leaves, LEAF_BYTES, hashes, (count) => {
    kernel.hashLeaves(count);
  });
}

/** Writes keccak256 of each two hashes of `pairs` to `hashes`, side by side. Both may be the same array. */
export function hashPairs(pairs: Uint8Array, hashes: Uint8Array): void {
  hashRun(pairs, PAIR_BYTES, hashes, (count) => {
    kernel.hashPairs(count);
  });
}

/** The module hashes what lies in its own memory, so messages pass through it piece by piece, each copied once. */
function hashRun(messages: Uint8Array, messageBytes: number, hashes: Uint8Array, hash: (count: number) => void): void {
  const count = messages.length / messageBytes;
  ensureInvariant(
    Number.isInteger(count) && hashes.length >= count * HASH_BYTES,
    "CRYPTO_KERNEL_LENGTH",
    `${messages.length} bytes are not messages of ${messageBytes}, or ${hashes.length} bytes do not take their hashes`,
  );
  const step = inputBytes / messageBytes;
  for (let first = 0; first < count; first += step) {
    const some = Math.min(step, count - first);
    input.set(messages.subarray(first * messageBytes, (first + some) * messageBytes));
    hash(some);
    hashes.set(output.subarray(0, some * HASH_BYTES), first * HASH_BYTES);
  }
}
