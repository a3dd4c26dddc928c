import { fromHex, toHex, type Hex } from "../../core/bytes.ts";
import { ensureCheck } from "../../core/errors.ts";
import { leafHashes, type LeafOpening } from "../../crypto/file-tree.ts";
import { leafCount, paddedLeafCount } from "../../crypto/file-shape.ts";
import { hashPair, HASH_BYTES, keccak256 } from "../../crypto/keccak.ts";
import { merkleLevels, merkleNode, merkleSteps, type MerkleLevels } from "../../crypto/merkle.ts";

/** All hashes of a file's tree. */
export function fileLevels(bytes: Uint8Array): MerkleLevels {
  return merkleLevels(leafHashes(bytes, paddedLeafCount(leafCount(bytes.length))));
}

/**
 * What is known of somebody else's tree: the nodes that were shown, and, where nothing was shown, one's own. Own nodes are the other's
 * too as long as they lie before the first difference, and the nodes beside the way to that difference are shown on the way.
 */
export class KnownTree {
  /** Leaves of the tree; of a detail's tree, its records. */
  readonly leaves: number;
  readonly #own: MerkleLevels | undefined;
  readonly #shown = new Map<string, Uint8Array>();

  constructor(leaves: number, own: MerkleLevels | undefined) {
    this.leaves = leaves;
    this.#own = own;
  }

  /** Whether a node was shown. */
  isShown(level: number, index: number): boolean {
    return this.#shown.has(`${level}/${index}`);
  }

  /** @throws GlassboxError `COMPUTE_NODE_UNKNOWN` if it was not shown, and there is none of one's own. */
  node(level: number, index: number): Uint8Array {
    const shown = this.#shown.get(`${level}/${index}`);
    if (shown !== undefined) return shown;
    ensureCheck(this.#own !== undefined, "COMPUTE_NODE_UNKNOWN", `node ${index} of level ${level} was not shown`);
    return merkleNode(this.#own, level, index);
  }

  /** Whether a node that was shown is not one's own. */
  differs(level: number, index: number): boolean {
    const shown = this.#shown.get(`${level}/${index}`);
    return (
      shown !== undefined && this.#own !== undefined && Buffer.compare(shown, merkleNode(this.#own, level, index)) !== 0
    );
  }

  /** The siblings of a node, up to the root. */
  siblings(level: number, index: number): Hex[] {
    const width = Math.ceil(this.leaves / 2 ** level);
    return merkleSteps(index, width).map((step) => toHex(this.node(level + step.level, step.sibling)));
  }

  /** Takes 2^depth nodes that were shown below a node, and what follows from them. */
  learnBelow(level: number, index: number, nodes: readonly Hex[]): void {
    let row = nodes.map((node) => fromHex(node, HASH_BYTES));
    for (let up = level - Math.log2(nodes.length); up <= level; up++) {
      const first = index * 2 ** (level - up);
      row.forEach((node, i) => this.#shown.set(`${up}/${first + i}`, node));
      row = Array.from({ length: row.length / 2 }, (_, i) =>
        hashPair(row[2 * i] as Uint8Array, row[2 * i + 1] as Uint8Array),
      );
    }
  }

  /** Takes a leaf that was shown with its siblings, and what follows from them. */
  learnLeaf(index: number, { leaf, siblings }: LeafOpening): void {
    const steps = merkleSteps(index, this.leaves);
    let node = keccak256(leaf);
    this.#shown.set(`0/${index}`, node);
    steps.forEach(({ level, sibling, isLeft }, i) => {
      const other = fromHex(siblings[i] ?? "0x", HASH_BYTES);
      this.#shown.set(`${level}/${sibling}`, other);
      // An odd last node is carried up as it is, so it stands on every level up to its sibling's.
      this.#shown.set(`${level}/${isLeft ? sibling - 1 : sibling + 1}`, node);
      node = isLeft ? hashPair(node, other) : hashPair(other, node);
      this.#shown.set(`${level + 1}/${Math.floor(sibling / 2)}`, node);
    });
  }
}
