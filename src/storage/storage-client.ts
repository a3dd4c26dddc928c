import { setTimeout as sleep } from "node:timers/promises";

import { LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import { buildFileTree } from "../crypto/build-file-tree.ts";
import { SEGMENT_BYTES, segmentCount, segmentLeafCount } from "../crypto/file-shape.ts";
import type { FileTree } from "../crypto/file-tree.ts";
import { FileDownloader } from "./downloader.ts";
import { refusedWith, type StorageNodeClient } from "./node-client.ts";
import type { FileReference, SubmissionReader, SubmissionWriter } from "./ports.ts";
import { TaskGate } from "./task-gate.ts";

/** Segments in flight to each node. */
const CONCURRENCY = 4;
const POLL_MS = 100;
/** How long a node may take to see a submission, or to accept a segment while it is busy. */
const PATIENCE_MS = 60_000;
/** How long the other nodes may still take, at least, once enough have a file. */
const GRACE_MS = 10_000;

/** A file that was stored. */
export interface StoredFile extends FileReference {
  readonly submission: number;
}

/** Stores files on several nodes at once, and fetches them back checked. */
export class StorageClient {
  readonly #nodes: readonly StorageNodeClient[];
  readonly #needed: number;
  readonly #chain: SubmissionReader & SubmissionWriter;
  readonly #downloader: FileDownloader;

  /**
   * @param nodes every one of them is offered every file
   * @param needed how many have to take a file; all unless given. Nodes that strangers announced may be dead, or wish to seem so.
   */
  constructor(nodes: readonly StorageNodeClient[], chain: SubmissionReader & SubmissionWriter, needed = nodes.length) {
    ensureInput(nodes.length > 0, "STORAGE_NODES_MISSING", "no storage node is known", {
      hint: "name one with --node",
    });
    this.#nodes = nodes;
    this.#needed = Math.min(needed, nodes.length);
    this.#chain = chain;
    this.#downloader = new FileDownloader(nodes, chain);
  }

  /**
   * Submits a file, pays its deal, and hands its bytes to all nodes. Resolves once as many as needed have it durably and the others had their time.
   * @throws GlassboxError `CRYPTO_FILE_EMPTY` before anything is sent, a chain error, or `STORAGE_UPLOAD_FAILED`; after that one `resume` continues.
   */
  async upload(bytes: Uint8Array, signal: AbortSignal): Promise<StoredFile> {
    const tree = await buildFileTree(bytes, signal);
    const submission = await this.#chain.submit(bytes.length, tree.submissionNodes());
    return this.#spread(bytes, tree, submission, signal);
  }

  /**
   * Hands the bytes of an existing submission to the nodes that lack them.
   * @throws GlassboxError `STORAGE_FILE_MISMATCH` if the submission is of other bytes.
   */
  async resume(submission: number, bytes: Uint8Array, signal: AbortSignal): Promise<StoredFile> {
    const tree = await buildFileTree(bytes, signal);
    const known = await this.#chain.submission(submission);
    const isSame = known.root === tree.root && known.byteLength === bytes.length;
    ensureInput(isSame, "STORAGE_FILE_MISMATCH", `submission ${submission} is of another file`);
    return this.#spread(bytes, tree, submission, signal);
  }

  /** The bytes of a submission, checked against the chain. */
  download(submission: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#downloader.submission(submission, signal);
  }

  /** The bytes of a file whose root and length are known from the chain. */
  downloadFile(reference: FileReference, signal: AbortSignal): Promise<Uint8Array> {
    return this.#downloader.file(reference, signal);
  }

  async #spread(bytes: Uint8Array, tree: FileTree, submission: number, signal: AbortSignal): Promise<StoredFile> {
    const spare = this.#nodes.length - this.#needed;
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    const failures: GlassboxError[] = [];
    const begunAt = performance.now();
    let stored = 0;
    let grace: NodeJS.Timeout | undefined;
    const uploads = this.#nodes.map(async (node) => {
      try {
        await uploadTo(node, bytes, tree, submission, until);
        if (++stored < this.#needed) return;
        // The others have begun too: they may take as long again, and no longer.
        const stop = (): void => {
          enough.abort();
        };
        grace ??= setTimeout(stop, Math.max(GRACE_MS, performance.now() - begunAt));
      } catch (error) {
        if (until.aborted) return;
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        failures.push(error);
        if (failures.length > spare) enough.abort();
      }
    });
    try {
      await Promise.all(uploads);
    } finally {
      clearTimeout(grace);
      enough.abort();
    }
    if (stored < this.#needed) {
      signal.throwIfAborted();
      const [cause] = failures;
      const message = `${stored} of ${this.#needed} nodes took the file: ${cause?.message ?? "they did not answer"}`;
      throw new GlassboxError("network", "STORAGE_UPLOAD_FAILED", message, { cause, details: { submission } });
    }
    return { submission, root: tree.root, byteLength: bytes.length };
  }
}

async function uploadTo(
  node: StorageNodeClient,
  bytes: Uint8Array,
  tree: FileTree,
  submission: number,
  signal: AbortSignal,
): Promise<void> {
  const info = await poll(`${node.url} does not know submission ${submission}`, signal, () =>
    node.fileInfo({ submission }, signal),
  );
  if (info.finalized) return;
  const gate = new TaskGate(CONCURRENCY);
  const segments = Array.from({ length: segmentCount(bytes.length) }, (_, index) => index);
  await Promise.all(
    segments.map((index) => gate.run(() => sendSegment(node, wireSegment(bytes, tree, index), submission, signal))),
  );
  await poll(`${node.url} does not finalise submission ${submission}`, signal, async () =>
    (await node.fileInfo({ submission }, signal))?.finalized === true ? true : null,
  );
}

/** A segment in the form it has in JSON-RPC. */
function wireSegment(bytes: Uint8Array, tree: FileTree, index: number): unknown {
  const data = Buffer.alloc(segmentLeafCount(bytes.length, index) * LEAF_BYTES);
  data.set(bytes.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES));
  const { root, byteLength: fileSize } = tree;
  return { root, data: data.toString("base64"), index, proof: tree.segmentProof(index), fileSize };
}

async function sendSegment(
  node: StorageNodeClient,
  segment: unknown,
  submission: number,
  signal: AbortSignal,
): Promise<void> {
  await poll(`${node.url} is too busy`, signal, async () => {
    signal.throwIfAborted();
    try {
      await node.uploadSegments([segment], submission, signal);
    } catch (error) {
      if (refusedWith(error, "too many data writing")) return null;
      const isHeld = refusedWith(error, "already uploaded") || refusedWith(error, "already been uploaded");
      if (!isHeld) throw error;
    }
    return true;
  });
}

/** Asks until there is an answer. */
async function poll<T>(patience: string, signal: AbortSignal, ask: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new GlassboxError("network", "STORAGE_NODE_SLOW", patience);
    await sleep(POLL_MS, undefined, { signal });
  }
}
