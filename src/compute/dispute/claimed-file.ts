import { fromHex, LEAF_BYTES, toHex } from "../../core/bytes.ts";
import { GlassboxError } from "../../core/errors.ts";
import { leafAt, type LeafOpening } from "../../crypto/file-tree.ts";
import { leafCount, paddedLeafCount } from "../../crypto/file-shape.ts";
import type { OpenedLeaf } from "./author-moves.ts";
import { fileLevels, KnownTree } from "./known-tree.ts";

/** The files of a claim and its dataset, in the order of the contract's `ClaimFile`. */
export const CLAIM_FILES = [
  "weights",
  "allocation",
  "trace",
  "credits",
  "accounts",
  "rounds",
  "samples",
  "labels",
  "records",
  "datasetAccounts",
] as const;

/** One of them. */
export type ClaimFile = (typeof CLAIM_FILES)[number];

/** A leaf that only the author can show: storage does not give the file. */
export class LeafNeeded extends GlassboxError {
  readonly file: ClaimFile;
  readonly leafIndex: number;

  constructor(file: ClaimFile, leafIndex: number) {
    super("network", "COMPUTE_LEAF_NEEDED", `leaf ${leafIndex} of the claim's ${file} is not known`);
    this.file = file;
    this.leafIndex = leafIndex;
  }
}

/** A file that a claim commits to: whole, or as far as its author has shown it. */
export class ClaimedFile {
  readonly name: ClaimFile;
  readonly #byteLength: number;
  readonly #bytes: Uint8Array | undefined;
  readonly #own: Uint8Array | undefined;
  readonly #tree: KnownTree;
  readonly #shown = new Map<number, LeafOpening>();

  /** @param own what the file has to be, if that is known; it has the same length. */
  constructor(
    name: ClaimFile,
    byteLength: number,
    bytes: Uint8Array | undefined,
    own: Uint8Array | undefined,
    shown: ReadonlyMap<number, LeafOpening> = new Map(),
  ) {
    this.name = name;
    this.#byteLength = byteLength;
    this.#bytes = bytes;
    this.#own = own;
    const levels = bytes ?? own;
    this.#tree = new KnownTree(this.leaves, levels && fileLevels(levels));
    if (bytes !== undefined) return;
    for (const [index, opening] of shown) {
      this.#shown.set(index, opening);
      this.#tree.learnLeaf(index, opening);
    }
  }

  /** Leaves with the flow's padding. */
  get leaves(): number {
    return paddedLeafCount(this.unpaddedLeaves);
  }

  /** Leaves of the file itself. */
  get unpaddedLeaves(): number {
    return leafCount(this.#byteLength);
  }

  /** The author's tree, as far as it is known. */
  get tree(): KnownTree {
    return this.#tree;
  }

  /** @throws LeafNeeded if the author has to show it first. */
  leaf(index: number): Uint8Array {
    if (this.#bytes !== undefined) return leafAt(this.#bytes, index);
    const shown = this.#shown.get(index);
    if (shown !== undefined) return shown.leaf;
    if (this.#own !== undefined && this.#isKnown(index)) return leafAt(this.#own, index);
    throw new LeafNeeded(this.name, index);
  }

  /** The leaf with its siblings. @throws LeafNeeded if the author has to show it first. */
  open(index: number): OpenedLeaf {
    return { leaf: toHex(this.leaf(index)), siblings: this.#tree.siblings(0, index) };
  }

  /**
   * The first leaf that is not as it has to be; undefined if there is none.
   * @throws LeafNeeded if the author has to show one to find it.
   */
  firstDifference(): number | undefined {
    const own = this.#own;
    if (own === undefined) return undefined;
    if (this.#bytes === undefined) return this.#search(this.#top(), 0);
    for (let index = 0; index < this.leaves; index++) {
      if (Buffer.compare(leafAt(this.#bytes, index), leafAt(own, index)) !== 0) return index;
    }
    return undefined;
  }

  /** The first element of so many bytes that is not as it has to be, in a leaf that differs. */
  firstElement(index: number, elementBytes: number): number {
    const own = leafAt(this.#own ?? new Uint8Array(), index);
    return Math.floor(this.leaf(index).findIndex((byte, i) => byte !== own[i]) / elementBytes);
  }

  /** The leaves that were shown. @param first how many at the beginning don't count */
  shownLeaves(first = 0): Map<number, Uint8Array> {
    return new Map([...this.#shown].filter(([index]) => index >= first).map(([index, { leaf }]) => [index, leaf]));
  }

  /** The leaves of the file, without padding, that were not shown. @param first how many at the beginning don't count */
  unknownLeaves(first = 0): number[] {
    if (this.#bytes !== undefined) return [];
    const indices = Array.from({ length: this.unpaddedLeaves }, (_, index) => index);
    return indices.filter((index) => index >= first && !this.#shown.has(index));
  }

  /**
   * All bytes, as far as the file goes.
   * @param next which of the unknown leaves is asked for first.
   * @param begin what the file begins with if nothing is wrong there; whole leaves. What was shown goes before it.
   * @throws LeafNeeded unless all other leaves are known.
   */
  assemble(next: (unknown: readonly number[]) => number, begin: Uint8Array = new Uint8Array()): Uint8Array {
    if (this.#bytes !== undefined) return this.#bytes;
    const unknown = this.unknownLeaves(begin.length / LEAF_BYTES);
    if (unknown.length > 0) throw new LeafNeeded(this.name, next(unknown));
    const leafOf = (_: unknown, index: number): Uint8Array => this.#shown.get(index)?.leaf ?? leafAt(begin, index);
    const leaves = Array.from({ length: this.unpaddedLeaves }, leafOf);
    return Uint8Array.from(Buffer.concat(leaves)).subarray(0, this.#byteLength);
  }

  #top(): number {
    return Math.ceil(Math.log2(this.leaves));
  }

  /** The first leaf under a node that differs. A leaf that was shown came with the nodes beside its way. */
  #search(level: number, index: number): number | undefined {
    if (level === 0) return this.#isOwn(0, index) ? undefined : index;
    const width = Math.ceil(this.leaves / 2 ** (level - 1));
    for (const child of [2 * index, 2 * index + 1].filter((place) => place < width)) {
      if (!this.#tree.isShown(level - 1, child)) throw new LeafNeeded(this.name, index * 2 ** level);
      if (!this.#isOwn(level - 1, child)) return this.#search(level - 1, child);
    }
    return undefined;
  }

  /** Whether the lowest node above a leaf that was shown is one's own: then the leaf is too. */
  #isKnown(index: number): boolean {
    for (let level = 0; level <= this.#top(); level++) {
      const above = Math.floor(index / 2 ** level);
      if (this.#tree.isShown(level, above)) return this.#isOwn(level, above);
    }
    return false;
  }

  #isOwn(level: number, index: number): boolean {
    return !this.#tree.differs(level, index);
  }
}

/** A leaf as an event gives it. */
export function openingOf({
  leaf,
  siblings,
}: {
  readonly leaf: string;
  readonly siblings: readonly string[];
}): LeafOpening {
  return { leaf: fromHex(leaf), siblings: [...siblings] as LeafOpening["siblings"] };
}
