import { fromHex, toHex, type Hex, LEAF_BYTES } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { paddedSegmentCount, paddedSegmentLeafCount, segmentCount, segmentLeafCount } from "./file-shape.ts";
import { segmentRootOf, type SegmentProof } from "./file-tree.ts";
import { HASH_BYTES } from "./keccak.ts";
import { foldSiblings, merkleSteps } from "./merkle.ts";

/** A segment as it travels: its real leaves, whole, and the proof that they belong to a file. */
export interface ProvenSegment {
  /** The file's root and length as the chain knows them; never taken from the sender. */
  readonly root: Hex;
  readonly byteLength: number;
  /** Index of the segment in its file. */
  readonly index: number;
  readonly data: Uint8Array;
  readonly proof: SegmentProof;
}

/**
 * Checks that a segment's bytes belong to a file.
 * Index and byte length fix the proof's exact shape, and the bytes after the file's end must be zero because the root covers them.
 * @throws GlassboxError `CRYPTO_SEGMENT_RANGE`, `CRYPTO_SEGMENT_LENGTH`, `CRYPTO_SEGMENT_TAIL`, `CRYPTO_PROOF_DEPTH`,
 * `CRYPTO_PROOF_PATH`, `CRYPTO_PROOF_ROOT` or `CRYPTO_SEGMENT_MISMATCH`.
 */
export function verifySegmentProof(segment: ProvenSegment): void {
  const { root, byteLength, index, data, proof } = segment;
  checkSegmentLength(byteLength, index, data);
  const count = paddedSegmentCount(byteLength);
  const steps = merkleSteps(index, count);
  const lemmaLength = steps.length === 0 ? 1 : steps.length + 2;
  ensureInput(
    proof.path.length === steps.length && proof.lemma.length === lemmaLength,
    "CRYPTO_PROOF_DEPTH",
    `segment ${index} of ${count} has a path of ${steps.length}, got ${proof.path.length}`,
  );
  ensureInput(
    steps.every((step, i) => step.isLeft === proof.path[i]),
    "CRYPTO_PROOF_PATH",
    `the path is not that of segment ${index} of ${count}`,
  );
  ensureInput(proof.lemma.at(-1) === root, "CRYPTO_PROOF_ROOT", "the proof ends in another file's root", {
    details: { expected: root, actual: proof.lemma.at(-1) },
  });
  const siblings = proof.lemma.slice(1, -1).map((node) => fromHex(node, HASH_BYTES));
  const segmentRoot = segmentRootOf(data, paddedSegmentLeafCount(byteLength, index));
  const actual = toHex(foldSiblings(fromHex(segmentRoot), index, count, siblings));
  const belongs = actual === root && proof.lemma[0] === segmentRoot;
  ensureCheck(belongs, "CRYPTO_SEGMENT_MISMATCH", `segment ${index} does not belong to the file`, {
    details: { expected: root, actual },
  });
}

/** Checks that `data` has the length of segment `index` and is zero after the file's end. */
function checkSegmentLength(byteLength: number, index: number, data: Uint8Array): void {
  const segments = segmentCount(byteLength);
  ensureInput(
    Number.isInteger(index) && index >= 0 && index < segments,
    "CRYPTO_SEGMENT_RANGE",
    `the file has ${segments} segments, got index ${index}`,
  );
  const expected = segmentLeafCount(byteLength, index) * LEAF_BYTES;
  ensureInput(
    data.length === expected,
    "CRYPTO_SEGMENT_LENGTH",
    `segment ${index} has ${expected} bytes, got ${data.length}`,
  );
  const tail = index === segments - 1 && byteLength % LEAF_BYTES !== 0 ? LEAF_BYTES - (byteLength % LEAF_BYTES) : 0;
  ensureInput(
    data.subarray(data.length - tail).every((byte) => byte === 0),
    "CRYPTO_SEGMENT_TAIL",
    "the bytes after the file's end are not zero",
  );
}
