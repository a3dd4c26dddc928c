import { parentPort, type Transferable } from "node:worker_threads";

import { leafHashes } from "./file-tree.ts";
import { merkleLevels, type MerkleLevels } from "./merkle.ts";

/** A run of leaves to hash: what the file has of it at the start of `buffer`, and its leaves with padding. */
export interface RunTask {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly leaves: number;
}

/** The tree over a run, and the task's memory. */
export interface RunResult {
  readonly levels: MerkleLevels;
  readonly buffer: ArrayBuffer;
}

parentPort?.on("message", ({ buffer, byteLength, leaves }: RunTask) => {
  const levels = merkleLevels(leafHashes(new Uint8Array(buffer, 0, byteLength), leaves));
  const result: RunResult = { levels, buffer };
  parentPort?.postMessage(result, [buffer, ...levels.map((level) => level.buffer)] as Transferable[]);
});
