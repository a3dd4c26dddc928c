import { setTimeout as sleep } from "node:timers/promises";

import { JetStreamApiError } from "@nats-io/jetstream";

import { encodeProgram } from "../../compute/program-file.ts";
import type { TrainingJob } from "../../compute/training.ts";
import { toHex, type Hex } from "../../core/bytes.ts";
import { ensureInput, GlassboxError } from "../../core/errors.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { NatsLink } from "./nats-link.ts";
import { partName, readMessage, resultMessageSchema, type PartMessage, type ResultMessage } from "./nats-messages.ts";
import { NatsTaker } from "./nats-taker.ts";
import type { PartOutcome, PartQueue, PartTask, TakenPart } from "./part-queue.ts";

/** How often a part's result is looked for, should the word of it have been lost: while the server was away, for one. */
const LOOK_MS = 2_000;
/** JetStream's code for a full stream, or a message whose like waits already. */
const STREAM_FULL = 10_077;
const LIKE_WAITS = /per subject/;
/** Starts of rounds that stay in the store for the next part of the same round. */
const MAX_STARTS = 8;

/** A job's files, and their roots. */
interface JobFiles {
  readonly roots: Pick<PartMessage, "program" | "samples" | "labels" | "count" | "seed">;
  readonly files: readonly (readonly [Hex, Uint8Array])[];
}

/**
 * A queue on a NATS server: a work queue in JetStream whose messages name files in its object store, so that no file is too large for a message.
 * Whoever computes acknowledges a part after its result is kept; what is not acknowledged in time comes back. Servers may restart at any time, and even
 * lose what they had.
 */
export class NatsPartQueue implements PartQueue {
  readonly #link: NatsLink;
  readonly #logger: Logger;
  readonly #taker: NatsTaker;
  readonly #closed = new AbortController();
  readonly #jobs = new WeakMap<TrainingJob, JobFiles>();
  readonly #pending = new Map<string, Promise<PartOutcome>>();
  /** Whom to tell of a part's result. */
  readonly #listeners = new Map<string, (result: ResultMessage) => void>();
  /** Starts in the store, by how many parts need them. */
  readonly #starts = new Map<Hex, number>();

  constructor(link: NatsLink, logger: Logger) {
    this.#link = link;
    this.#logger = logger;
    this.#taker = new NatsTaker(link, logger);
    link.onResult((part, text) => {
      const result = readMessage(resultMessageSchema, text);
      if (result) this.#listeners.get(part)?.(result);
    });
  }

  /** As the port says; of what comes back, root and bytes are checked to belong together. */
  async submit(task: PartTask, signal: AbortSignal): Promise<PartOutcome> {
    const until = AbortSignal.any([signal, this.#closed.signal]);
    until.throwIfAborted();
    const message = this.#messageOf(task);
    const part = partName(message);
    const outcome =
      this.#pending.get(part) ?? this.#compute(part, message, task, until).finally(() => this.#pending.delete(part));
    this.#pending.set(part, outcome);
    return unlessAborted(outcome, until);
  }

  take(signal: AbortSignal): Promise<TakenPart> {
    return this.#taker.take(AbortSignal.any([signal, this.#closed.signal]));
  }

  async close(): Promise<void> {
    this.#closed.abort(new GlassboxError("network", "WORKER_QUEUE_CLOSED", "the worker is stopping"));
    await Promise.allSettled(this.#pending.values());
    this.#taker.close();
    await this.#link.close();
  }

  async #compute(part: string, message: PartMessage, task: PartTask, signal: AbortSignal): Promise<PartOutcome> {
    this.#starts.set(task.startRoot, (this.#starts.get(task.startRoot) ?? 0) + 1);
    try {
      for (let attempt = 0; ; attempt++) {
        const outcome = await this.#attempt(part, message, { task, isFirst: attempt === 0 }, signal);
        if (outcome) return outcome;
      }
    } finally {
      this.#starts.set(task.startRoot, (this.#starts.get(task.startRoot) ?? 1) - 1);
    }
  }

  /** Has the part queued, and waits until there is a result or it is time to look again. */
  async #attempt(
    part: string,
    message: PartMessage,
    { task, isFirst }: { readonly task: PartTask; readonly isFirst: boolean },
    signal: AbortSignal,
  ): Promise<PartOutcome | undefined> {
    const stop = new AbortController();
    const look = sleep(LOOK_MS, undefined, { signal: AbortSignal.any([signal, stop.signal]) });
    look.catch(() => undefined);
    const told = new Promise<ResultMessage>((resolve) => this.#listeners.set(part, resolve));
    try {
      let kept = await this.#lastResult(part);
      // What somebody refused before we asked does not count: it may have been for want of a file, or of luck.
      if (isFirst && kept && !("root" in kept)) {
        await this.#link.forgetResult(part);
        kept = undefined;
      }
      if (!kept) await this.#enqueue(part, message, task);
      const result = kept ?? (await Promise.race([told, look]));
      return result && (await this.#accept(part, result));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GlassboxError) throw error;
      this.#logger.warn({ err: error }, "the queue does not answer; trying again");
      await look;
      await this.#link.prepare().catch(() => undefined);
      return undefined;
    } finally {
      stop.abort();
      this.#listeners.delete(part);
    }
  }

  /** A result that was given while nobody listened. */
  async #lastResult(part: string): Promise<ResultMessage | undefined> {
    const text = await this.#link.lastResult(part);
    return text === undefined ? undefined : readMessage(resultMessageSchema, text);
  }

  async #enqueue(part: string, message: PartMessage, task: PartTask): Promise<void> {
    const { files } = this.#filesOf(task.job);
    for (const [root, bytes] of files) await this.#link.data.ensure(root, bytes);
    await this.#link.weights.ensure(task.startRoot, task.start);
    await this.#dropStarts();
    try {
      await this.#link.js.publish(this.#link.partSubject(part), JSON.stringify(message));
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== STREAM_FULL) throw error;
      ensureInput(LIKE_WAITS.test(error.message), "WORKER_BUSY", "too many parts are waiting; ask again later");
    }
  }

  /** @returns undefined if the part has to be computed again */
  async #accept(part: string, result: ResultMessage): Promise<PartOutcome | undefined> {
    // The result has been read: whoever asks for the part again begins anew.
    const forget = (): Promise<void> => this.#link.forgetResult(part);
    if ("error" in result) {
      await forget();
      const { kind, code, message } = result.error;
      throw new GlassboxError(kind, code, message);
    }
    if ("missing" in result) {
      await forget();
      await this.#link.prepare();
      return undefined;
    }
    // By the part's name, not by root: two parts may end with the same weights.
    const weights = await this.#link.weights.get(part, result.root);
    await forget();
    await this.#link.weights.delete(part);
    return weights && { weights, root: result.root };
  }

  #messageOf({ job, round, part, startRoot }: PartTask): PartMessage {
    return { ...this.#filesOf(job).roots, round, part, start: startRoot };
  }

  #filesOf(job: TrainingJob): JobFiles {
    const known = this.#jobs.get(job);
    if (known) return known;
    const { program, data, seed } = job;
    const [programFile, samples, labels] = [encodeProgram(program), data.samples, data.labels].map(
      (bytes) => [fileRoot(bytes), bytes] as const,
    ) as [readonly [Hex, Uint8Array], readonly [Hex, Uint8Array], readonly [Hex, Uint8Array]];
    const made: JobFiles = {
      roots: {
        program: programFile[0],
        samples: samples[0],
        labels: labels[0],
        count: data.count,
        seed: toHex(seed),
      },
      files: [programFile, samples, labels],
    };
    this.#jobs.set(job, made);
    return made;
  }

  /** Removes starts that no part needs any more, but for the newest. */
  async #dropStarts(): Promise<void> {
    for (const [root, parts] of this.#starts) {
      if (this.#starts.size <= MAX_STARTS) return;
      if (parts > 0) continue;
      this.#starts.delete(root);
      await this.#link.weights.delete(root);
    }
  }
}

/** Rejects as soon as the signal aborts, even if the server that is asked does not answer. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    work.catch(() => undefined);
  }
}
