import { LEAF_BYTES, toHex, type Hex } from "../../core/bytes.ts";
import { leafAt } from "../../crypto/file-tree.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import { merkleNode, type MerkleLevels } from "../../crypto/merkle.ts";
import type { Detail } from "./detail.ts";
import { stepsOf } from "./execution.ts";
import { fileLevels, KnownTree } from "./known-tree.ts";
import { openedLevels, SHOWN_LEVELS } from "./transcript.ts";

/** A leaf with its siblings, as contracts take it. */
export interface OpenedLeaf {
  readonly leaf: Hex;
  readonly siblings: Hex[];
}

/** Where the game stands in a tensor. */
export interface TensorPlace {
  readonly leafIndex: number;
  /** Levels from the node that is to be opened down to a leaf. */
  readonly height: number;
}

/** The detail's leaf with the last state, which the claim must name. */
export async function lastState(detail: Detail, signal?: AbortSignal): Promise<OpenedLeaf> {
  const last = stepsOf(detail.execution) - 1;
  const { record } = await detail.step(last, signal);
  const leaf = record.length / LEAF_BYTES - 1;
  const levels = fileLevels(record);
  const inRecord = new KnownTree(record.length / LEAF_BYTES, levels).siblings(0, leaf);
  const above = new KnownTree((detail.levels[0]?.length ?? 0) / HASH_BYTES, detail.levels).siblings(0, last);
  return { leaf: toHex(leafAt(record, leaf)), siblings: [...inRecord, ...above] };
}

/** The children of a node over records. */
export function openSteps(detail: Pick<Detail, "levels">, height: number, step: number): Hex[] {
  return childrenOf(detail.levels, height, step / 2 ** height, openedLevels(height));
}

/** The children of a node of a tensor, or all leaves below it. */
export function openTensor(
  file: Uint8Array,
  { leafIndex, height }: TensorPlace,
): { children: Hex[] } | { leaves: Hex } {
  if (height > SHOWN_LEVELS) {
    const depth = openedLevels(height - SHOWN_LEVELS);
    return { children: childrenOf(fileLevels(file), height, leafIndex / 2 ** height, depth) };
  }
  const start = leafIndex * LEAF_BYTES;
  return { leaves: toHex(file.subarray(start, start + LEAF_BYTES * 2 ** height)) };
}

function childrenOf(levels: MerkleLevels, level: number, index: number, depth: number): Hex[] {
  return Array.from({ length: 2 ** depth }, (_, child) =>
    toHex(merkleNode(levels, level - depth, index * 2 ** depth + child)),
  );
}
