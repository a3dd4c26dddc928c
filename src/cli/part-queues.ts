import type { Logger } from "../telemetry/logger.ts";
import { LocalPartQueue } from "../worker/parts/local-part-queue.ts";
import type { PartQueue } from "../worker/parts/part-queue.ts";
import { startPartRunner } from "../worker/parts/part-runner.ts";
import { parseCount } from "./amounts.ts";
import type { Values } from "./command.ts";
import { textOf } from "./values.ts";
import { ensureInput } from "../core/errors.ts";

const MAX_THREADS = 256;
/** Parts that may wait for a thread. */
const MAX_WAITING = 8;

/** Where a worker's parts are computed. */
export interface OpenPartQueue {
  readonly queue: PartQueue;
  /** How many parts are computed at once. */
  readonly parts: number;
  /** Finishes the parts that were begun. */
  close(): Promise<void>;
}

/** The queue that the options name: threads of this process. */
export function openPartQueue(values: Values, logger: Logger): OpenPartQueue {
  const parts = threadsOf(values);
  const queue = new LocalPartQueue(MAX_WAITING);
  const runner = startPartRunner({ queue, threads: parts, logger });
  return {
    queue,
    parts,
    close: async () => {
      await runner.close();
      await queue.close();
    },
  };
}

function threadsOf(values: Values): number {
  const threads = parseCount(textOf(values, "threads"), "--threads", MAX_THREADS);
  ensureInput(threads > 0, "CLI_NUMBER_INVALID", "--threads takes at least 1");
  return threads;
}
