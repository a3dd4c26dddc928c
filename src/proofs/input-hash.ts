import { poseidon16 } from "poseidon-lite/poseidon16";

import { ensureInput } from "../core/errors.ts";

const ELEMENT_BYTES = 31;
const BLOCK_ELEMENTS = 15;

/**
 * Hash of an input as the inference circuits compute it (`circuits/BytesHash.circom`, `docs/spec/proofs.md`):
 * a chain of Poseidon over 31-byte little-endian elements, 15 a block, that starts from the byte count.
 * @param pixels the image's bytes as given, element 0 included.
 * @throws GlassboxError `PROOFS_INPUT_EMPTY`
 */
export function inputHash(pixels: Uint8Array): bigint {
  ensureInput(pixels.length > 0, "PROOFS_INPUT_EMPTY", "an input needs at least one byte");
  const elements: bigint[] = [];
  for (let start = 0; start < pixels.length; start += ELEMENT_BYTES) {
    elements.push(littleEndian(pixels.subarray(start, start + ELEMENT_BYTES)));
  }
  let state = BigInt(pixels.length);
  for (let start = 0; start < elements.length; start += BLOCK_ELEMENTS) {
    const block = elements.slice(start, start + BLOCK_ELEMENTS);
    while (block.length < BLOCK_ELEMENTS) block.push(0n);
    state = poseidon16([state, ...block]);
  }
  return state;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
