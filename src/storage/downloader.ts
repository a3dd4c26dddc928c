import { LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import { SEGMENT_BYTES, segmentCount, segmentLeafCount } from "../crypto/file-shape.ts";
import { verifySegmentProof } from "../crypto/segment-proof.ts";
import type { FileSelector, StorageNodeClient } from "./node-client.ts";
import type { FileReference, SubmissionReader } from "./ports.ts";
import { TaskGate } from "./task-gate.ts";

/** The largest file that is gathered in memory. */
const MAX_BYTES = 2 ** 31;
/** Segments fetched at once. */
const CONCURRENCY = 6;

/**
 * Fetches files from storage nodes that need not be trusted: every segment is checked against root and byte length, and
 * fetched from the next node if one has it not or lies.
 */
export class FileDownloader {
  readonly #nodes: readonly StorageNodeClient[];
  readonly #chain: SubmissionReader;
  readonly #faults = new Map<StorageNodeClient, number>();

  constructor(nodes: readonly StorageNodeClient[], chain: SubmissionReader) {
    this.#nodes = nodes;
    this.#chain = chain;
  }

  /** The bytes of a submission; root and length are read from the chain. */
  async submission(index: number, signal: AbortSignal): Promise<Uint8Array> {
    const reference = await this.#chain.submission(index);
    return this.#fetch(reference, { submission: index }, signal);
  }

  /** The bytes of a file whose root and length the caller knows from the chain. */
  async file(reference: FileReference, signal: AbortSignal): Promise<Uint8Array> {
    return this.#fetch(reference, { root: reference.root }, signal);
  }

  async #fetch(file: FileReference, selector: FileSelector, signal: AbortSignal): Promise<Uint8Array> {
    ensureInput(
      file.byteLength <= MAX_BYTES,
      "STORAGE_FILE_LENGTH",
      `a file of ${file.byteLength} bytes is more than ${MAX_BYTES}`,
    );
    const segments = segmentCount(file.byteLength);
    const bytes = new Uint8Array(
      (segments - 1) * SEGMENT_BYTES + segmentLeafCount(file.byteLength, segments - 1) * LEAF_BYTES,
    );
    const gate = new TaskGate(CONCURRENCY);
    const failed = new AbortController();
    const until = AbortSignal.any([signal, failed.signal]);
    const fetchInto = async (index: number): Promise<void> => {
      until.throwIfAborted();
      bytes.set(await this.#segment(file, selector, index, until), index * SEGMENT_BYTES);
    };
    try {
      await Promise.all(Array.from({ length: segments }, (_, index) => gate.run(() => fetchInto(index))));
    } catch (error) {
      failed.abort();
      throw error;
    }
    return bytes.subarray(0, file.byteLength);
  }

  /** One segment from the first node that has it and does not lie; each segment starts at another node. */
  async #segment(file: FileReference, selector: FileSelector, index: number, signal: AbortSignal): Promise<Uint8Array> {
    const failures: GlassboxError[] = [];
    for (const node of this.#inTurn(index)) {
      try {
        const received = await node.segment(selector, index, signal);
        if (!received) throw missing(node.url, index);
        const { data, proof } = received;
        verifySegmentProof({ root: file.root, byteLength: file.byteLength, index, data, proof });
        this.#faults.delete(node);
        return data;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        failures.push(error);
        if (error.code !== "STORAGE_SEGMENT_MISSING") this.#faults.set(node, (this.#faults.get(node) ?? 0) + 1);
      }
    }
    throw unavailable(file, index, failures);
  }

  /** All nodes: each segment begins with another one, and those that were silent or lied come last. */
  #inTurn(index: number): StorageNodeClient[] {
    const first = index % this.#nodes.length;
    const faults = (node: StorageNodeClient): number => this.#faults.get(node) ?? 0;
    return [...this.#nodes.slice(first), ...this.#nodes.slice(0, first)].sort((a, b) => faults(a) - faults(b));
  }
}

function missing(url: string, index: number): GlassboxError {
  return new GlassboxError("network", "STORAGE_SEGMENT_MISSING", `${url} does not have segment ${index}`);
}

/** A node that lied makes the failure a failed check; otherwise the file just was not there. */
function unavailable(file: FileReference, index: number, failures: readonly GlassboxError[]): GlassboxError {
  const lie = failures.find((failure) => failure.code.startsWith("CRYPTO_") || failure.kind === "check");
  const reasons = failures.map((failure) => `${failure.code}: ${failure.message}`);
  if (lie) {
    return new GlassboxError(
      "check",
      "STORAGE_SEGMENT_TAMPERED",
      `no node gave the true segment ${index} of ${file.root}`,
      {
        details: { reasons },
        cause: lie,
      },
    );
  }
  return new GlassboxError("network", "STORAGE_FILE_UNAVAILABLE", `no node gave segment ${index} of ${file.root}`, {
    details: { reasons },
    hint: "give more storage workers with --node",
  });
}
