import { startPartRunner } from "../../worker/parts/part-runner.ts";
import type { Handler } from "../command.ts";
import { countOf, openNatsQueue } from "../part-queues.ts";
import { textOf } from "../values.ts";
import { untilStopped, withStatus, workerLogger } from "../worker-process.ts";

/** Computes parts of a queue until it is asked to stop. It needs no account, and no chain. */
export const runner: Handler = async (context, values) => {
  const logger = workerLogger("compute-runner", context);
  const threads = countOf(values, "threads");
  const queue = await openNatsQueue(textOf(values, "queue"), values, logger, context.signal);
  const running = startPartRunner({ queue, threads, logger });
  try {
    await withStatus(context, async () => {
      context.result({ ready: true, threads }, `computes parts on ${threads} threads`);
      await untilStopped(context, running.failed);
      await running.close();
    });
  } finally {
    await running.close();
    await queue.close();
  }
};
