import { ensureInput } from "../core/errors.ts";
import { hashPair, HASH_BYTES } from "./keccak.ts";
import { hashPairs } from "./wasm/keccak-kernel.ts";

/** A tree's levels from its leaves up, each level its nodes side by side. */
export type MerkleLevels = readonly Uint8Array[];

/** One step from a node to its parent. Levels where the node is carried up unchanged have no step. */
export interface MerkleStep {
  /** Level of the sibling, counted from the leaves. */
  readonly level: number;
  /** Index of the sibling on its level. */
  readonly sibling: number;
  /** True if our node is the left one. */
  readonly isLeft: boolean;
}

function nodeAt(level: Uint8Array, index: number): Uint8Array {
  return level.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/** Builds all levels over leaf hashes laid side by side. An odd last node is carried up, never doubled. */
export function merkleLevels(leafHashes: Uint8Array): MerkleLevels {
  const levels = [leafHashes];
  let below = leafHashes;
  while (below.length > HASH_BYTES) {
    const count = below.length / HASH_BYTES;
    const above = new Uint8Array(Math.ceil(count / 2) * HASH_BYTES);
    hashPairs(below.subarray(0, Math.floor(count / 2) * 2 * HASH_BYTES), above);
    if (count % 2 === 1) above.set(nodeAt(below, count - 1), above.length - HASH_BYTES);
    levels.push(above);
    below = above;
  }
  return levels;
}

/** The last level of a tree: its root. */
export function topOf(levels: MerkleLevels): Uint8Array {
  const top = levels.at(-1);
  ensureInput(top?.length === HASH_BYTES, "CRYPTO_TREE_EMPTY", "a tree has at least one leaf");
  return top;
}

/** The steps from leaf `index` to the root of a tree of `count` leaves. Index and count alone fix them. */
export function merkleSteps(index: number, count: number): MerkleStep[] {
  ensureInput(index >= 0 && index < count, "CRYPTO_LEAF_RANGE", `leaf ${index} of ${count} does not exist`);
  const steps: MerkleStep[] = [];
  for (let level = 0, i = index, n = count; n > 1; level++, i = Math.floor(i / 2), n = Math.ceil(n / 2)) {
    const isLeft = i % 2 === 0;
    if (isLeft && i === n - 1) continue;
    steps.push({ level, sibling: isLeft ? i + 1 : i - 1, isLeft });
  }
  return steps;
}

/** The siblings of leaf `index`, bottom to top. */
export function merkleSiblings(levels: MerkleLevels, index: number): Uint8Array[] {
  const count = (levels[0]?.length ?? 0) / HASH_BYTES;
  return merkleSteps(index, count).map(({ level, sibling }) => merkleNode(levels, level, sibling));
}

/** The node at a level and index. */
export function merkleNode(levels: MerkleLevels, level: number, index: number): Uint8Array {
  const row = levels[level];
  ensureInput(
    row !== undefined && index >= 0 && (index + 1) * HASH_BYTES <= row.length,
    "CRYPTO_NODE_RANGE",
    `node ${index} of level ${level} does not exist`,
  );
  return nodeAt(row, index);
}

/**
 * Folds a leaf hash with its siblings to the root of a tree of `count` leaves.
 * @throws GlassboxError `CRYPTO_PROOF_DEPTH` unless there are exactly as many siblings as that shape has.
 */
export function foldSiblings(
  leafHash: Uint8Array,
  index: number,
  count: number,
  siblings: readonly Uint8Array[],
): Uint8Array {
  const steps = merkleSteps(index, count);
  ensureInput(
    siblings.length === steps.length,
    "CRYPTO_PROOF_DEPTH",
    `leaf ${index} of ${count} has ${steps.length} siblings, got ${siblings.length}`,
  );
  return siblings.reduce((node, sibling, i) => {
    ensureInput(sibling.length === HASH_BYTES, "CRYPTO_PROOF_NODE", `a sibling has 32 bytes, got ${sibling.length}`);
    return steps[i]?.isLeft === true ? hashPair(node, sibling) : hashPair(sibling, node);
  }, leafHash);
}
