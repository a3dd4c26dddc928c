import { poseidon2 } from "poseidon-lite/poseidon2";

import { LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";

/** The largest file that has a twin: `TwinRegistry` recomputes one whole in a transaction. */
export const MAX_TWIN_BYTES = 2_048;

const ELEMENT_BYTES = 16;

/**
 * The Poseidon root of a file's bytes (docs/spec/proofs.md, "Twins"): a tree over the leaves of the file tree, in which a leaf is itself a
 * perfect tree over 16 elements of 16 bytes, little-endian. Circuits open a file by this root, contracts by its keccak root.
 * @throws GlassboxError `PROOFS_TWIN_LENGTH` for an empty file or one too large to be checked on chain.
 */
export function poseidonTwin(file: Uint8Array): bigint {
  ensureInput(
    file.length >= 1 && file.length <= MAX_TWIN_BYTES,
    "PROOFS_TWIN_LENGTH",
    `a file with a Poseidon twin has 1 to ${MAX_TWIN_BYTES} bytes, got ${file.length}`,
  );
  const padded = new Uint8Array(Math.ceil(file.length / LEAF_BYTES) * LEAF_BYTES);
  padded.set(file);
  let nodes: bigint[] = [];
  for (let at = 0; at < padded.length; at += ELEMENT_BYTES)
    nodes.push(element(padded.subarray(at, at + ELEMENT_BYTES)));
  while (nodes.length > 1) nodes = parents(nodes);
  return nodes[0] ?? 0n;
}

/** Pairs from left to right; an odd last node, which only levels above the leaves have, is carried up. */
function parents(nodes: readonly bigint[]): bigint[] {
  return Array.from({ length: Math.ceil(nodes.length / 2) }, (_, i) => {
    const [left, right] = [nodes[2 * i] as bigint, nodes[2 * i + 1]];
    return right === undefined ? left : poseidon2([left, right]);
  });
}

function element(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
