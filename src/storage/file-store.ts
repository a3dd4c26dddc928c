import { fromHex, toHex, type Hex, LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import {
  leafCount,
  paddedSegmentCount,
  paddedSegmentLeafCount,
  SEGMENT_BYTES,
  SEGMENT_LEAVES,
  segmentCount,
  type LeafRun,
} from "../crypto/file-shape.ts";
import { HASH_BYTES } from "../crypto/keccak.ts";
import { segmentRootOf, type LeafOpening, type SegmentProof } from "../crypto/file-tree.ts";
import { merkleLevels, merkleNode, merkleSteps, type MerkleLevels } from "../crypto/merkle.ts";
import { verifySegmentProof } from "../crypto/segment-proof.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { openLeafInRun } from "./opening.ts";
import { fileKey, type Submission } from "./submission.ts";

type File = Pick<Submission, "root" | "byteLength">;

/** Trees of whole files that are kept in memory. */
const MAX_LEVELS = 16;

/** A segment as a client sends it. */
export interface SegmentUpload {
  /** Index in its file. */
  readonly index: number;
  readonly root: Hex;
  readonly byteLength: number;
  readonly data: Uint8Array;
  readonly proof: SegmentProof;
}

/**
 * The bytes of files, segment by segment.
 * Nothing about completeness is stored: it follows from which segments are there, so a crash at any moment leaves a true state.
 */
export class FileStore {
  readonly #store: KeyValueStore;
  readonly #indexes = new Map<string, Set<number>>();
  readonly #pending = new Map<string, Promise<void>>();
  readonly #levels = new Map<string, MerkleLevels>();
  readonly #maxSegments: number;
  #held: number;

  /** @param capacityBytes what segments may take in all; what is refused for it can be sent to another node */
  constructor(store: KeyValueStore, capacityBytes = Number.POSITIVE_INFINITY) {
    this.#store = store;
    this.#maxSegments = Math.floor(capacityBytes / SEGMENT_BYTES);
    this.#held = this.#maxSegments === Number.POSITIVE_INFINITY ? 0 : store.keys("segment-root/").length;
  }

  /**
   * Takes segments of a submission, all or none; they survive anything once this resolves. Segments already held are skipped.
   * @throws GlassboxError `STORAGE_FULL`, `STORAGE_FILE_FINALISED`, `STORAGE_SEGMENT_DUPLICATE` if all are held, `STORAGE_FILE_MISMATCH`,
   * `STORAGE_LENGTH_MISMATCH` or what `verifySegmentProof` throws.
   */
  async accept(submission: Submission, uploads: readonly SegmentUpload[]): Promise<void> {
    for (const upload of uploads) checkFile(submission, upload);
    ensureInput(!this.isComplete(submission), "STORAGE_FILE_FINALISED", "already uploaded and finalized");
    const fresh = uploads.filter(({ index }) => !this.#pending.has(segmentKey(submission, index)));
    const waiting = uploads.flatMap(({ index }) => this.#pending.get(segmentKey(submission, index)) ?? []);
    const missing = fresh.filter(({ index }) => !this.hasSegment(submission, index));
    // Checking costs some 10 ms a segment, so nobody gets it for what is held already.
    for (const upload of missing) verifySegmentProof(upload);
    if (missing.length > 0) await this.#write(submission, missing);
    await Promise.all(waiting);
    ensureInput(
      missing.length > 0,
      "STORAGE_SEGMENT_DUPLICATE",
      "segment has already been uploaded or is being uploaded",
    );
  }

  /** Segments held. */
  segmentsHeld(file: File): number {
    return this.#present(file).size;
  }

  hasSegment(file: File, index: number): boolean {
    return this.#present(file).has(index);
  }

  /** True if every real segment is held. */
  isComplete(file: File): boolean {
    return this.segmentsHeld(file) === segmentCount(file.byteLength);
  }

  /** True if every real segment that overlaps the row is held. */
  holdsRun(file: File, run: LeafRun): boolean {
    const first = Math.floor(run.firstLeaf / SEGMENT_LEAVES);
    const end = Math.min(Math.ceil((run.firstLeaf + 2 ** run.height) / SEGMENT_LEAVES), segmentCount(file.byteLength));
    for (let index = first; index < end; index++) if (!this.hasSegment(file, index)) return false;
    return true;
  }

  /**
   * Bytes of a held segment. A segment of padding alone has none.
   * @throws GlassboxError `STORAGE_SEGMENT_MISSING`
   */
  segment(file: File, index: number): Uint8Array {
    if (index >= segmentCount(file.byteLength) && index < paddedSegmentCount(file.byteLength)) return new Uint8Array();
    const data = this.#store.get(segmentKey(file, index));
    if (data) return data;
    throw new GlassboxError("check", "STORAGE_SEGMENT_MISSING", `segment ${index} of ${file.root} is not here`);
  }

  /**
   * Whole leaves `[start, end)`, within one or two segments.
   * @throws GlassboxError `STORAGE_LEAF_RANGE`, or `STORAGE_SEGMENT_MISSING`
   */
  leaves(file: File, start: number, end: number): Uint8Array {
    ensureInput(
      start >= 0 && start < end && end <= leafCount(file.byteLength) && end - start <= SEGMENT_LEAVES,
      "STORAGE_LEAF_RANGE",
      `leaves ${start} to ${end} are not 1 to ${SEGMENT_LEAVES} leaves of the file`,
    );
    const first = Math.floor(start / SEGMENT_LEAVES);
    const last = Math.floor((end - 1) / SEGMENT_LEAVES);
    const parts = [this.segment(file, first), ...(last === first ? [] : [this.segment(file, last)])];
    const offset = first * SEGMENT_BYTES;
    return Buffer.concat(parts).subarray(start * LEAF_BYTES - offset, end * LEAF_BYTES - offset);
  }

  /** Proof of a segment; needs all segment roots of the file. */
  segmentProof(file: File, index: number): SegmentProof {
    const steps = merkleSteps(index, paddedSegmentCount(file.byteLength));
    if (steps.length === 0) return { lemma: [file.root], path: [] };
    const levels = this.#fileLevels(file);
    const siblings = steps.map((step) => toHex(merkleNode(levels, step.level, step.sibling)));
    return {
      lemma: [toHex(merkleNode(levels, 0, index)), ...siblings, file.root],
      path: steps.map((step) => step.isLeft),
    };
  }

  /** Opens a leaf of a row, as the contracts ask for it. Needs the row's bytes only. */
  openLeaf(file: File, run: LeafRun, index: number): LeafOpening {
    return openLeafInRun(run, index, {
      segment: (segment) => ({
        data: this.segment(file, segment),
        leaves: paddedSegmentLeafCount(file.byteLength, segment),
      }),
      segmentLevels: (first, count) => this.#segmentLevels(file, first, count),
    });
  }

  async #write(submission: Submission, uploads: readonly SegmentUpload[]): Promise<void> {
    this.#reserve(uploads.length);
    const keys = uploads.map(({ index }) => segmentKey(submission, index));
    const commit = this.#store.commit(
      uploads.flatMap(({ index, data, proof }) => [
        { key: segmentKey(submission, index), value: data },
        { key: segmentRootKey(submission, index), value: fromHex(proof.lemma[0] ?? "0x", HASH_BYTES) },
      ]),
    );
    for (const key of keys) this.#pending.set(key, commit);
    try {
      await commit;
      for (const { index } of uploads) this.#present(submission).add(index);
    } catch (error) {
      this.#held -= uploads.length;
      throw error;
    } finally {
      for (const key of keys) this.#pending.delete(key);
    }
  }

  #reserve(segments: number): void {
    if (this.#held + segments > this.#maxSegments) {
      throw new GlassboxError("network", "STORAGE_FULL", `no room for more than ${this.#maxSegments} segments`);
    }
    this.#held += segments;
  }

  /** The tree over the segments of a whole file; the last few are kept, since it is the same for every segment's proof. */
  #fileLevels(file: File): MerkleLevels {
    const key = fileKey(file);
    const levels = this.#levels.get(key) ?? this.#segmentLevels(file, 0, paddedSegmentCount(file.byteLength));
    this.#levels.delete(key);
    this.#levels.set(key, levels);
    const [oldest] = this.#levels.keys();
    if (this.#levels.size > MAX_LEVELS && oldest !== undefined) this.#levels.delete(oldest);
    return levels;
  }

  #segmentLevels(file: File, first: number, count: number): MerkleLevels {
    return merkleLevels(Buffer.concat(Array.from({ length: count }, (_, i) => this.#segmentRoot(file, first + i))));
  }

  #segmentRoot(file: File, index: number): Uint8Array {
    if (index >= segmentCount(file.byteLength)) {
      return fromHex(segmentRootOf(new Uint8Array(), paddedSegmentLeafCount(file.byteLength, index)));
    }
    const root = this.#store.get(segmentRootKey(file, index));
    if (root) return root;
    throw new GlassboxError("check", "STORAGE_SEGMENT_MISSING", `segment ${index} of ${file.root} is not here`);
  }

  #present(file: File): Set<number> {
    const key = fileKey(file);
    let indexes = this.#indexes.get(key);
    if (!indexes) {
      const prefix = `segment-root/${key}/`;
      indexes = new Set(this.#store.keys(prefix).map((found) => Number(found.slice(prefix.length))));
      this.#indexes.set(key, indexes);
    }
    return indexes;
  }
}

function checkFile(submission: Submission, upload: SegmentUpload): void {
  ensureInput(upload.root === submission.root, "STORAGE_FILE_MISMATCH", "the root is not that of the submission", {
    details: { expected: submission.root, actual: upload.root },
  });
  ensureInput(
    upload.byteLength === submission.byteLength,
    "STORAGE_LENGTH_MISMATCH",
    `the submission has ${submission.byteLength} bytes, got a file size of ${upload.byteLength}`,
  );
}

function segmentKey(file: File, index: number): string {
  return `segment/${fileKey(file)}/${String(index).padStart(10, "0")}`;
}

function segmentRootKey(file: File, index: number): string {
  return `segment-root/${fileKey(file)}/${String(index).padStart(10, "0")}`;
}
