import { LEAF_BYTES, toHex, type Hex } from "../core/bytes.ts";
import { leafCount, paddedLeafCount, SEGMENT_HEIGHT, SEGMENT_LEAVES } from "./file-shape.ts";
import { HASH_BYTES, hashPair, keccak256 } from "./keccak.ts";
import { merkleLevels, topOf } from "./merkle.ts";
import { hashLeaves } from "./wasm/keccak-kernel.ts";
import { zeroRoot } from "./zero-tree.ts";

/** The root of the leaves under one node of the file's left edge; heights fall from one to the next. */
interface Peak {
  readonly root: Uint8Array;
  readonly height: number;
}

/** Computes a file's root from its bytes in order, in pieces of any length. Takes 33 KiB whatever the file's length. */
export class FileHasher {
  readonly #partialLeaf = new Uint8Array(LEAF_BYTES);
  /** Hashes of the last segment's leaves. */
  readonly #hashes = new Uint8Array(SEGMENT_LEAVES * HASH_BYTES);
  readonly #peaks: Peak[] = [];
  #byteLength = 0;

  /** Adds the next bytes of the file. They are not kept. */
  update(bytes: Uint8Array): void {
    const started = this.#byteLength % LEAF_BYTES;
    const head = started === 0 ? 0 : Math.min(LEAF_BYTES - started, bytes.length);
    this.#partialLeaf.set(bytes.subarray(0, head), started);
    this.#byteLength += head;
    if (head > 0 && this.#byteLength % LEAF_BYTES === 0)
      this.#addLeaves(this.#partialLeaf, this.#byteLength - LEAF_BYTES);
    const whole = bytes.length - ((bytes.length - head) % LEAF_BYTES);
    if (whole > head) {
      this.#addLeaves(bytes.subarray(head, whole), this.#byteLength);
      this.#byteLength += whole - head;
    }
    this.#partialLeaf.set(bytes.subarray(whole));
    this.#byteLength += bytes.length - whole;
  }

  /**
   * The root of all bytes so far; more may follow.
   * @throws GlassboxError `CRYPTO_FILE_EMPTY` for no bytes.
   */
  root(): Hex {
    const leaves = leafCount(this.#byteLength);
    const peaks = [...this.#peaks];
    let missing = paddedLeafCount(leaves) - leaves;
    const tail = leaves % SEGMENT_LEAVES;
    if (tail > 0 || this.#byteLength % LEAF_BYTES > 0) {
      const started = tail === 0 ? SEGMENT_LEAVES : tail;
      const count = Math.min(SEGMENT_LEAVES, started + missing);
      missing -= count - started;
      addPeak(peaks, { root: this.#tailRoot(started, count), height: Math.log2(count) });
    }
    for (let height = SEGMENT_HEIGHT; height >= 0; height--) {
      for (; missing >= 2 ** height; missing -= 2 ** height) addPeak(peaks, { root: zeroRoot(height), height });
    }
    return toHex(peaks.map(({ root }) => root).reduceRight((right, left) => hashPair(left, right)));
  }

  /** Adds whole leaves, the first of which starts at byte `offset` of the file. */
  #addLeaves(leaves: Uint8Array, offset: number): void {
    let within = (offset / LEAF_BYTES) % SEGMENT_LEAVES;
    for (let at = 0; at < leaves.length;) {
      const end = Math.min(leaves.length, at + (SEGMENT_LEAVES - within) * LEAF_BYTES);
      hashLeaves(leaves.subarray(at, end), this.#hashes.subarray(within * HASH_BYTES));
      within += (end - at) / LEAF_BYTES;
      at = end;
      if (within < SEGMENT_LEAVES) return;
      addPeak(this.#peaks, { root: topOf(merkleLevels(this.#hashes)), height: SEGMENT_HEIGHT });
      within = 0;
    }
  }

  /** Root of the last segment, of which `started` leaves have bytes, with zero leaves up to `count`. */
  #tailRoot(started: number, count: number): Uint8Array {
    const hashes = this.#hashes.slice(0, count * HASH_BYTES);
    const partial = this.#byteLength % LEAF_BYTES;
    if (partial > 0) {
      const leaf = new Uint8Array(LEAF_BYTES);
      leaf.set(this.#partialLeaf.subarray(0, partial));
      hashes.set(keccak256(leaf), (started - 1) * HASH_BYTES);
    }
    for (let i = started; i < count; i++) hashes.set(zeroRoot(0), i * HASH_BYTES);
    return topOf(merkleLevels(hashes));
  }
}

/** Two neighbours of the same height become their parent. */
function addPeak(peaks: Peak[], peak: Peak): void {
  const left = peaks.at(-1);
  if (left === undefined || left.height !== peak.height) {
    peaks.push(peak);
    return;
  }
  peaks.pop();
  addPeak(peaks, { root: hashPair(left.root, peak.root), height: peak.height + 1 });
}
