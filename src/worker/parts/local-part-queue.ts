import { ensureInput, GlassboxError } from "../../core/errors.ts";
import {
  crashError,
  MAX_DELIVERIES,
  type PartOutcome,
  type PartQueue,
  type PartTask,
  type TakenPart,
} from "./part-queue.ts";

interface Entry {
  readonly task: PartTask;
  readonly result: PromiseWithResolvers<PartOutcome>;
  deliveries: number;
}

/** A queue in memory, for threads of this process. */
export class LocalPartQueue implements PartQueue {
  readonly #maxWaiting: number;
  readonly #waiting: Entry[] = [];
  readonly #takers: ((entry: Entry) => void)[] = [];
  readonly #closed = new AbortController();

  /** @param maxWaiting how many parts may wait to be taken */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  async submit(task: PartTask, signal: AbortSignal): Promise<PartOutcome> {
    const until = AbortSignal.any([signal, this.#closed.signal]);
    until.throwIfAborted();
    ensureInput(
      this.#takers.length > 0 || this.#waiting.length < this.#maxWaiting,
      "WORKER_BUSY",
      "too many parts are waiting; ask again later",
    );
    const entry: Entry = { task, result: Promise.withResolvers(), deliveries: 0 };
    const onAbort = (): void => {
      const at = this.#waiting.indexOf(entry);
      if (at >= 0) this.#waiting.splice(at, 1);
      entry.result.reject(until.reason as Error);
    };
    until.addEventListener("abort", onAbort);
    try {
      this.#offer(entry);
      return await entry.result.promise;
    } finally {
      until.removeEventListener("abort", onAbort);
    }
  }

  async take(signal: AbortSignal): Promise<TakenPart> {
    const until = AbortSignal.any([signal, this.#closed.signal]);
    until.throwIfAborted();
    const next = this.#waiting.shift();
    if (next) return this.#taken(next);
    const { promise, resolve, reject } = Promise.withResolvers<Entry>();
    const onAbort = (): void => {
      this.#takers.splice(this.#takers.indexOf(resolve), 1);
      reject(until.reason as Error);
    };
    until.addEventListener("abort", onAbort);
    this.#takers.push(resolve);
    try {
      return this.#taken(await promise);
    } finally {
      until.removeEventListener("abort", onAbort);
    }
  }

  close(): Promise<void> {
    this.#closed.abort(new GlassboxError("network", "WORKER_QUEUE_CLOSED", "the worker is stopping"));
    return Promise.resolve();
  }

  #offer(entry: Entry): void {
    const taker = this.#takers.shift();
    if (taker) taker(entry);
    else this.#waiting.push(entry);
  }

  #taken(entry: Entry): TakenPart {
    const { task, result } = entry;
    entry.deliveries++;
    const once = settleOnce();
    return {
      task,
      give: (outcome) =>
        once(() => {
          result.resolve(outcome);
        }),
      refuse: (error) =>
        once(() => {
          result.reject(error);
        }),
      release: () =>
        once(() => {
          if (entry.deliveries < MAX_DELIVERIES) this.#offer(entry);
          else result.reject(crashError(task));
        }),
    };
  }
}

function settleOnce(): (settle: () => void) => Promise<void> {
  let isSettled = false;
  return (settle) => {
    if (!isSettled) settle();
    isSettled = true;
    return Promise.resolve();
  };
}
