import { fromHex, toHex, type Hex, LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { FileHasher } from "./file-hasher.ts";
import { leafCount, leafRuns, paddedLeafCount, SEGMENT_HEIGHT, SEGMENT_LEAVES, type LeafRun } from "./file-shape.ts";
import { HASH_BYTES, hashPair, keccak256 } from "./keccak.ts";
import { foldSiblings, merkleLevels, merkleNode, merkleSiblings, merkleSteps, topOf } from "./merkle.ts";
import type { MerkleLevels } from "./merkle.ts";
import { hashLeaves } from "./wasm/keccak-kernel.ts";
import { zeroRoot } from "./zero-tree.ts";

/** A leaf's 256 bytes with its siblings bottom to top, as contracts take it. */
export interface LeafOpening {
  readonly leaf: Uint8Array;
  readonly siblings: Hex[];
}

/** A node of a submission: the root of a run of 2^height leaves. */
export interface SubmissionNode {
  readonly root: Hex;
  readonly height: number;
}

/** 0G's segment proof: the segment's root, its siblings and the file's root; then "our node is left" per sibling. */
export interface SegmentProof {
  readonly lemma: Hex[];
  readonly path: boolean[];
}

/** Leaf `index` of a file's bytes, zero-filled at and after the end. */
export function leafAt(bytes: Uint8Array, index: number): Uint8Array {
  const leaf = new Uint8Array(LEAF_BYTES);
  leaf.set(bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES));
  return leaf;
}

/** The hashes of `count` leaves side by side; leaves after the end of `bytes` are zero. */
export function leafHashes(bytes: Uint8Array, count: number): Uint8Array {
  const hashes = new Uint8Array(count * HASH_BYTES);
  const whole = Math.min(count, Math.floor(bytes.length / LEAF_BYTES));
  const real = Math.min(count, Math.ceil(bytes.length / LEAF_BYTES));
  const zeroHash = zeroRoot(0);
  hashLeaves(bytes.subarray(0, whole * LEAF_BYTES), hashes);
  if (real > whole) hashes.set(keccak256(leafAt(bytes, whole)), whole * HASH_BYTES);
  for (let i = real; i < count; i++) hashes.set(zeroHash, i * HASH_BYTES);
  return hashes;
}

/** The 0G Storage tree of one file. Holds 64 bytes of hashes a leaf, and refers to the bytes it was built from. */
export class FileTree {
  readonly byteLength: number;
  /** Leaves with the flow's padding. */
  readonly leaves: number;
  readonly root: Hex;
  readonly #bytes: Uint8Array;
  readonly #levels: MerkleLevels;

  /**
   * @param levels all hashes of this very file, if they are known.
   * @throws GlassboxError `CRYPTO_FILE_EMPTY` for no bytes.
   */
  constructor(bytes: Uint8Array, levels?: MerkleLevels) {
    this.byteLength = bytes.length;
    this.leaves = paddedLeafCount(leafCount(bytes.length));
    this.#bytes = bytes;
    this.#levels = levels ?? merkleLevels(leafHashes(bytes, this.leaves));
    this.root = toHex(topOf(this.#levels));
  }

  /** The nodes of the file's submission, in descending height. */
  submissionNodes(): SubmissionNode[] {
    return leafRuns(this.leaves).map((run) => ({ root: this.runRoot(run), height: run.height }));
  }

  /** Root of a perfect sub-tree. */
  runRoot(run: LeafRun): Hex {
    return toHex(merkleNode(this.#levels, run.height, run.firstLeaf / 2 ** run.height));
  }

  /** Root of segment `index` of the padded file. */
  segmentRoot(index: number): Hex {
    return toHex(merkleNode(this.#levels, Math.min(SEGMENT_HEIGHT, this.#levels.length - 1), index));
  }

  /** Proof of segment `index` against the file's root. */
  segmentProof(index: number): SegmentProof {
    const steps = merkleSteps(index, Math.ceil(this.leaves / SEGMENT_LEAVES));
    if (steps.length === 0) return { lemma: [this.root], path: [] };
    const siblings = steps.map((step) => toHex(merkleNode(this.#levels, step.level + SEGMENT_HEIGHT, step.sibling)));
    return { lemma: [this.segmentRoot(index), ...siblings, this.root], path: steps.map((step) => step.isLeft) };
  }

  /** Opens leaf `index` of the padded file against the file's root. */
  openLeaf(index: number): LeafOpening {
    return { leaf: leafAt(this.#bytes, index), siblings: merkleSiblings(this.#levels, index).map(toHex) };
  }

  /** Opens leaf `index` of a perfect sub-tree against that sub-tree's root: exactly `run.height` siblings. */
  openLeafInRun(run: LeafRun, index: number): LeafOpening {
    ensureInput(
      index >= 0 && index < 2 ** run.height,
      "CRYPTO_LEAF_RANGE",
      `leaf ${index} of a run of height ${run.height} does not exist`,
    );
    const leaf = run.firstLeaf + index;
    const siblings = Array.from({ length: run.height }, (_, level) =>
      toHex(merkleNode(this.#levels, level, Math.floor(leaf / 2 ** level) ^ 1)),
    );
    return { leaf: leafAt(this.#bytes, leaf), siblings };
  }
}

/** The root of a file's bytes. */
export function fileRoot(bytes: Uint8Array): Hex {
  const hasher = new FileHasher();
  hasher.update(bytes);
  return hasher.root();
}

/** The root of a list of 32-byte roots: the file root of them side by side. */
export function rootList(roots: readonly Hex[]): Hex {
  return fileRoot(Buffer.concat(roots.map((root) => fromHex(root, HASH_BYTES))));
}

/** The file root that a submission's nodes stand for. */
export function rootFromNodes(nodes: readonly { readonly root: string }[]): Hex {
  const roots = nodes.map((node) => fromHex(node.root, HASH_BYTES));
  ensureInput(roots.length > 0, "CRYPTO_TREE_EMPTY", "a submission has at least one node");
  return toHex(roots.reduceRight((right, left) => hashPair(left, right)));
}

/**
 * The root that an opening stands for in a tree of `count` leaves.
 * @throws GlassboxError `CRYPTO_LEAF_LENGTH` or `CRYPTO_PROOF_DEPTH` for another shape than that tree's.
 */
export function rootOfOpening(opening: LeafOpening, index: number, count: number): Hex {
  ensureInput(
    opening.leaf.length === LEAF_BYTES,
    "CRYPTO_LEAF_LENGTH",
    `a leaf has ${LEAF_BYTES} bytes, got ${opening.leaf.length}`,
  );
  const siblings = opening.siblings.map((sibling) => fromHex(sibling, HASH_BYTES));
  return toHex(foldSiblings(keccak256(opening.leaf), index, count, siblings));
}

/** Root of a segment's data, padded with zero leaves to `leaves`. */
export function segmentRootOf(data: Uint8Array, leaves: number): Hex {
  return toHex(topOf(merkleLevels(leafHashes(data, leaves))));
}
