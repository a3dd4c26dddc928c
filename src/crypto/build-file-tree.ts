import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

import { LEAF_BYTES } from "../core/bytes.ts";
import { leafCount, paddedLeafCount } from "./file-shape.ts";
import type { RunResult, RunTask } from "./file-tree-thread.ts";
import { FileTree } from "./file-tree.ts";
import { HASH_BYTES } from "./keccak.ts";
import { merkleLevels, topOf } from "./merkle.ts";

/** Height of what one thread hashes at a time: 4 MiB, about 12 ms. */
const RUN_HEIGHT = 14;
const RUN_LEAVES = 2 ** RUN_HEIGHT;
/** Starting two threads and moving bytes to them costs what hashing 64 MiB does, so that two threads break even there. */
const MIN_THREADED_BYTES = 128 * 2 ** 20;

/**
 * The tree of a file; that of a big one is built by as many threads as there are processors. All threads have ended when this settles.
 * @param bytes must not change meanwhile.
 * @throws GlassboxError `CRYPTO_FILE_EMPTY` for no bytes; the signal's reason.
 */
export async function buildFileTree(bytes: Uint8Array, signal: AbortSignal): Promise<FileTree> {
  signal.throwIfAborted();
  const leaves = paddedLeafCount(leafCount(bytes.length));
  const runs = Math.ceil(leaves / RUN_LEAVES);
  const count = bytes.length < MIN_THREADED_BYTES ? 1 : Math.min(availableParallelism(), runs);
  if (count === 1) return new FileTree(bytes);
  const lower = Array.from(
    { length: RUN_HEIGHT + 1 },
    (_, level) => new Uint8Array(Math.ceil(leaves / 2 ** level) * HASH_BYTES),
  );
  let next = 0;
  const threads = Array.from({ length: count }, () => new Worker(new URL("./file-tree-thread.ts", import.meta.url)));
  const work = async (thread: Worker): Promise<void> => {
    // The same memory goes to and fro: fresh memory costs more than the copy.
    let buffer = new ArrayBuffer(RUN_LEAVES * LEAF_BYTES);
    while (next < runs) {
      const from = next++ * RUN_LEAVES;
      const run = bytes.subarray(from * LEAF_BYTES, (from + RUN_LEAVES) * LEAF_BYTES);
      new Uint8Array(buffer).set(run);
      const task: RunTask = { buffer, byteLength: run.length, leaves: Math.min(RUN_LEAVES, leaves - from) };
      thread.postMessage(task, [buffer]);
      const [{ levels, buffer: returned }] = (await once(thread, "message", { signal })) as [RunResult];
      buffer = returned;
      lower.forEach((target, level) => {
        target.set(levels[level] ?? topOf(levels), Math.floor(from / 2 ** level) * HASH_BYTES);
      });
    }
  };
  try {
    await Promise.all(threads.map(work));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  const upper = merkleLevels(lower[RUN_HEIGHT] as Uint8Array);
  return new FileTree(bytes, [...lower, ...upper.slice(1)]);
}
