import { GlassboxError } from "../../core/errors.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { partsComputed, partSeconds, partsRunning } from "../worker-metrics.ts";
import type { PartQueue, TakenPart } from "./part-queue.ts";
import { PartThread, type StartThread } from "./part-thread.ts";

/** How long a runner that is closed goes on with the parts that it has begun. */
const DRAIN_MS = 60_000;

/** What a runner is made of. */
export interface PartRunnerOptions {
  readonly queue: PartQueue;
  readonly threads: number;
  readonly logger: Logger;
  readonly startThread?: StartThread;
}

/** What computes the parts of a queue. */
export interface PartRunner {
  /** Rejects if the queue fails; resolves after the runner was closed. */
  readonly failed: Promise<void>;
  /** Takes no more parts, finishes those that were begun, and resolves. */
  close(): Promise<void>;
}

/** Takes parts from a queue and computes them, one on each thread at a time. */
export function startPartRunner(options: PartRunnerOptions): PartRunner {
  const stop = new AbortController();
  const abandon = new AbortController();
  const serve = async (): Promise<void> => {
    const thread = new PartThread(options.startThread);
    try {
      for (;;) await computeNext(options, thread, stop.signal, abandon.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      await thread.close();
    }
  };
  const serving = Array.from({ length: options.threads }, serve);
  const failed = Promise.all(serving).then(() => undefined);
  failed.catch(() => undefined);
  return {
    failed,
    close: async () => {
      stop.abort();
      const timer = setTimeout(() => {
        abandon.abort();
      }, DRAIN_MS);
      await Promise.allSettled(serving);
      clearTimeout(timer);
    },
  };
}

async function computeNext(
  { queue, logger }: PartRunnerOptions,
  thread: PartThread,
  stop: AbortSignal,
  abandon: AbortSignal,
): Promise<void> {
  const taken = await queue.take(stop);
  const { round, part } = taken.task;
  logger.debug({ round, part }, "a part begins");
  partsRunning.inc();
  const finish = partSeconds.startTimer();
  const isComputed = await computeTaken(taken, thread, logger, abandon);
  finish();
  partsRunning.dec();
  partsComputed.inc({ outcome: isComputed ? "computed" : "failed" });
}

/** A part whose thread ended may fare better elsewhere; what a thread says of a part, another one would say too. */
async function computeTaken(
  taken: TakenPart,
  thread: PartThread,
  logger: Logger,
  abandon: AbortSignal,
): Promise<boolean> {
  try {
    const outcome = await thread.compute(taken.task, abandon);
    await taken.give(outcome);
    return true;
  } catch (error) {
    const isOfPart = error instanceof GlassboxError && error.kind !== "network";
    logger.warn({ err: error }, isOfPart ? "a part can't be computed" : "a part is left to others");
    await (isOfPart ? taken.refuse(error) : taken.release());
    return false;
  }
}
