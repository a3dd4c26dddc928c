import { ensureInput } from "../core/errors.ts";
import { health } from "../telemetry/health.ts";
import type { Logger } from "../telemetry/logger.ts";
import { LocalPartQueue } from "../worker/parts/local-part-queue.ts";
import { NatsLink } from "../worker/parts/nats-link.ts";
import { NatsPartQueue } from "../worker/parts/nats-part-queue.ts";
import type { PartQueue } from "../worker/parts/part-queue.ts";
import { startPartRunner } from "../worker/parts/part-runner.ts";
import { parseCount } from "./amounts.ts";
import type { Values } from "./command.ts";
import { readInput } from "./input-file.ts";
import { optionalTextOf, textOf } from "./values.ts";

const MAX_PARTS = 256;
/** Parts that may wait for a thread. */
const MAX_WAITING = 8;

/** Where a worker's parts are computed. */
export interface OpenPartQueue {
  readonly queue: PartQueue;
  /** How many parts are computed at once. */
  readonly parts: number;
  /** Rejects if parts can't be computed any more. */
  readonly failed?: Promise<void>;
  /** Finishes the parts that were begun. */
  close(): Promise<void>;
}

/** The queue that `--queue` names, whose parts others compute; or else one for threads of this process. */
export async function openPartQueue(values: Values, logger: Logger, signal: AbortSignal): Promise<OpenPartQueue> {
  const url = optionalTextOf(values, "queue");
  if (url === undefined) return startThreads(countOf(values, "threads"), logger);
  const queue = await openNatsQueue(url, values, logger, signal);
  return { queue, parts: countOf(values, "parts"), close: () => queue.close() };
}

/** The queue on a NATS server. */
export async function openNatsQueue(
  url: string,
  values: Values,
  logger: Logger,
  signal: AbortSignal,
): Promise<NatsPartQueue> {
  const file = optionalTextOf(values, "queueCredentials");
  const credentials = file === undefined ? {} : { credentials: Buffer.from(await readInput(file)).toString() };
  const link = await NatsLink.connect({ url, ...credentials, logger });
  health.add("queue", () => (link.isConnected ? undefined : "the server is out of reach"), signal);
  return new NatsPartQueue(link, logger);
}

/** A positive number of threads or parts. */
export function countOf(values: Values, name: string): number {
  const count = parseCount(textOf(values, name), `--${name}`, MAX_PARTS);
  ensureInput(count > 0, "CLI_NUMBER_INVALID", `--${name} takes at least 1`);
  return count;
}

function startThreads(threads: number, logger: Logger): OpenPartQueue {
  const queue = new LocalPartQueue(MAX_WAITING);
  const runner = startPartRunner({ queue, threads, logger });
  return {
    queue,
    parts: threads,
    failed: runner.failed,
    close: async () => {
      await runner.close();
      await queue.close();
    },
  };
}
