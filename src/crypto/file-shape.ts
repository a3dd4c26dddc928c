import { LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { nextPowerOfTwo } from "../core/tensor.ts";

/** Leaves of a whole segment, the unit of transfer. */
export const SEGMENT_LEAVES = 1024;
/** Bytes of a whole segment. */
export const SEGMENT_BYTES = LEAF_BYTES * SEGMENT_LEAVES;
/** Height of a whole segment's sub-tree. */
export const SEGMENT_HEIGHT = 10;

/** A run of 2^height leaves that starts at a multiple of its own size: a perfect sub-tree of the file. */
export interface LeafRun {
  readonly firstLeaf: number;
  readonly height: number;
}

/** Leaves that hold `byteLength` bytes, the last one zero-filled. */
export function leafCount(byteLength: number): number {
  ensureInput(
    Number.isSafeInteger(byteLength) && byteLength > 0,
    "CRYPTO_FILE_EMPTY",
    `a file has at least 1 byte, got ${byteLength}`,
  );
  return Math.ceil(byteLength / LEAF_BYTES);
}

/**
 * Leaves after the flow's padding: a count that is no power of two grows to a multiple of a sixteenth of the next one,
 * which bounds a submission to four nodes.
 */
export function paddedLeafCount(leaves: number): number {
  const power = nextPowerOfTwo(leaves);
  if (leaves === power) return leaves;
  const unit = Math.max(1, Math.floor(power / 16));
  return Math.ceil(leaves / unit) * unit;
}

/** The runs of a padded file, in descending size: the rows that storage workers hold. */
export function leafRuns(paddedLeaves: number): LeafRun[] {
  const runs: LeafRun[] = [];
  let firstLeaf = 0;
  for (let size = nextPowerOfTwo(paddedLeaves), height = Math.log2(size); height >= 0; size /= 2, height--) {
    if (paddedLeaves - firstLeaf < size) continue;
    runs.push({ firstLeaf, height });
    firstLeaf += size;
  }
  return runs;
}

/** Segments that carry real bytes. */
export function segmentCount(byteLength: number): number {
  return Math.ceil(leafCount(byteLength) / SEGMENT_LEAVES);
}

/** Segments of the padded file, the leaves of a segment proof's tree. */
export function paddedSegmentCount(byteLength: number): number {
  return Math.ceil(paddedLeafCount(leafCount(byteLength)) / SEGMENT_LEAVES);
}

/** Real leaves of segment `index`: all but the last segment are whole. */
export function segmentLeafCount(byteLength: number, index: number): number {
  return Math.max(0, Math.min(SEGMENT_LEAVES, leafCount(byteLength) - index * SEGMENT_LEAVES));
}

/** Leaves of segment `index` with the flow's padding. */
export function paddedSegmentLeafCount(byteLength: number, index: number): number {
  return Math.max(0, Math.min(SEGMENT_LEAVES, paddedLeafCount(leafCount(byteLength)) - index * SEGMENT_LEAVES));
}
