import { toHex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { SEGMENT_HEIGHT, SEGMENT_LEAVES, type LeafRun } from "../crypto/file-shape.ts";
import { leafAt, leafHashes, type LeafOpening } from "../crypto/file-tree.ts";
import { merkleLevels, merkleNode, type MerkleLevels } from "../crypto/merkle.ts";

/** Where an opening gets a file's bytes and hashes from. */
export interface OpeningSource {
  /** Bytes of a segment and the number of its leaves with padding. */
  segment(index: number): { readonly data: Uint8Array; readonly leaves: number };
  /** The tree over the roots of `count` segments from `first`. */
  segmentLevels(first: number, count: number): MerkleLevels;
}

/** Opens leaf `index` of a row from one segment's bytes and the row's segment roots: exactly `run.height` siblings. */
export function openLeafInRun(run: LeafRun, index: number, source: OpeningSource): LeafOpening {
  ensureInput(
    Number.isInteger(index) && index >= 0 && index < 2 ** run.height,
    "STORAGE_LEAF_RANGE",
    `leaf ${index} of a row of height ${run.height} does not exist`,
  );
  const leafIndex = run.firstLeaf + index;
  const segmentIndex = Math.floor(leafIndex / SEGMENT_LEAVES);
  const { data, leaves } = source.segment(segmentIndex);
  const inSegment = leafIndex % SEGMENT_LEAVES;
  const below = siblingsUpTo(merkleLevels(leafHashes(data, leaves)), inSegment, Math.min(run.height, SEGMENT_HEIGHT));
  return {
    leaf: leafAt(data, inSegment),
    siblings: [...below, ...siblingsAbove(run, segmentIndex, source)].map(toHex),
  };
}

function siblingsAbove(run: LeafRun, segmentIndex: number, source: OpeningSource): Uint8Array[] {
  if (run.height <= SEGMENT_HEIGHT) return [];
  const first = run.firstLeaf / SEGMENT_LEAVES;
  const levels = source.segmentLevels(first, 2 ** (run.height - SEGMENT_HEIGHT));
  return siblingsUpTo(levels, segmentIndex - first, run.height - SEGMENT_HEIGHT);
}

function siblingsUpTo(levels: MerkleLevels, index: number, height: number): Uint8Array[] {
  return Array.from({ length: height }, (_, level) => merkleNode(levels, level, Math.floor(index / 2 ** level) ^ 1));
}
