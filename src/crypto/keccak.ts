import { keccak_256 } from "@noble/hashes/sha3.js";

/** Bytes of a hash. */
export const HASH_BYTES = 32;

/** keccak256 of any bytes, as the EVM computes it. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}

/** keccak256 of two hashes side by side: a node of the file tree. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(2 * HASH_BYTES);
  pair.set(left, 0);
  pair.set(right, HASH_BYTES);
  return keccak_256(pair);
}
