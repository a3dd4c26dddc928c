import { setTimeout as sleep } from "node:timers/promises";

import type { JsMsg } from "@nats-io/jetstream";

import type { TrainingJob } from "../../compute/training.ts";
import { loadProgram } from "../../compute/validate.ts";
import { fromHex, type Hex } from "../../core/bytes.ts";
import { GlassboxError } from "../../core/errors.ts";
import { PromiseCache } from "../../core/promise-cache.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { NatsLink } from "./nats-link.ts";
import { partMessageSchema, readMessage, type PartMessage, type ResultMessage } from "./nats-messages.ts";
import { crashError, MAX_DELIVERIES, type TakenPart } from "./part-queue.ts";
import { sharedBytes } from "./shared-bytes.ts";

/** Code of the error for a file that a part needs and the store has not. */
const MISSING = "WORKER_FILE_MISSING";
/** How long the server is asked to wait for a part before it is asked again. */
const ASK_MS = 1_000;
/** How long to leave a server alone that does not answer. */
const REST_MS = 500;
/** How often a result is given to a server that does not answer; each time takes some seconds. */
const GIVE_ATTEMPTS = 10;
/** Jobs kept in memory. */
const MAX_JOBS = 4;
/** Starts of rounds kept in memory: all parts of a round have the same one. */
const MAX_STARTS = 4;

/** Takes parts from a NATS server, with all that is needed to compute them. */
export class NatsTaker {
  readonly #link: NatsLink;
  readonly #logger: Logger;
  readonly #jobs = new PromiseCache<string, TrainingJob>(MAX_JOBS);
  readonly #starts = new PromiseCache<Hex, Uint8Array>(MAX_STARTS);
  readonly #alive = new Set<NodeJS.Timeout>();

  constructor(link: NatsLink, logger: Logger) {
    this.#link = link;
    this.#logger = logger;
  }

  /** Lets go of what was taken and not settled: it comes back when its time is over. */
  close(): void {
    for (const timer of this.#alive) clearInterval(timer);
  }

  /** The next part, however long the server is out of reach. */
  async take(signal: AbortSignal): Promise<TakenPart> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const consumer = await this.#link.runners();
        const message = await consumer.next({ expires: ASK_MS });
        if (!message) continue;
        if (signal.aborted) {
          message.nak();
          continue;
        }
        const taken = await this.#open(message);
        if (taken) return taken;
      } catch (error) {
        signal.throwIfAborted();
        this.#logger.warn({ err: error }, "the queue does not answer; trying again");
        await sleep(REST_MS, undefined, { signal });
        await this.#link.prepare().catch(() => undefined);
      }
    }
  }

  /** @returns undefined if there is nothing left to compute */
  async #open(message: JsMsg): Promise<TakenPart | undefined> {
    const name = message.subject.slice(message.subject.lastIndexOf(".") + 1);
    const part = readMessage(partMessageSchema, message.string());
    if (!part) {
      this.#logger.warn({ name }, "a message of the queue is no part");
      message.term();
      return undefined;
    }
    const settle = async (result: ResultMessage): Promise<void> => {
      await this.#link.js.publish(this.#link.resultSubject(name), JSON.stringify(result));
      message.ack();
    };
    // Computed before, by somebody whose word of having done so was lost.
    if ((await this.#link.lastResult(name)) !== undefined) {
      message.ack();
      return undefined;
    }
    if (message.info.deliveryCount > MAX_DELIVERIES) {
      await settle(refusal(crashError(part)));
      return undefined;
    }
    const finish = this.#keepAlive(message);
    try {
      const [job, start] = await Promise.all([this.#job(part), this.#start(part.start)]);
      return this.#taken(
        { job, round: part.round, part: part.part, start, startRoot: part.start },
        name,
        message,
        finish,
        settle,
      );
    } catch (error) {
      finish();
      if (!(error instanceof GlassboxError)) throw error;
      await settle(error.code === MISSING ? { missing: true } : refusal(error));
      return undefined;
    }
  }

  /** Says again and again that the part is being computed. @returns what to call when it is not any more */
  #keepAlive(message: JsMsg): () => void {
    const timer = setInterval(() => {
      message.working();
    }, this.#link.ackMs / 3);
    this.#alive.add(timer);
    return () => {
      clearInterval(timer);
      this.#alive.delete(timer);
    };
  }

  #taken(
    task: TakenPart["task"],
    name: string,
    message: JsMsg,
    finish: () => void,
    settle: (result: ResultMessage) => Promise<void>,
  ): TakenPart {
    return {
      task,
      give: async ({ weights, root }) => {
        try {
          await patiently(async () => {
            await this.#link.weights.put(name, weights);
            await settle({ root });
          });
        } finally {
          finish();
        }
      },
      refuse: async (error) => {
        finish();
        await settle(refusal(error));
      },
      release: () => {
        finish();
        message.nak();
        return Promise.resolve();
      },
    };
  }

  /** The part's job, the same object for all its parts. */
  #job({ program, samples, labels, count, seed }: PartMessage): Promise<TrainingJob> {
    return this.#jobs.get([program, samples, labels, count, seed].join(), async () => {
      const [programFile, samplesFile, labelsFile] = await Promise.all([
        this.#file(program),
        this.#file(samples),
        this.#file(labels),
      ]);
      return {
        program: loadProgram(programFile),
        seed: fromHex(seed, 32),
        data: { samples: sharedBytes(samplesFile), labels: sharedBytes(labelsFile), count },
      };
    });
  }

  #start(root: Hex): Promise<Uint8Array> {
    return this.#starts.get(root, async () => {
      const weights = await this.#link.weights.get(root, root);
      if (!weights) throw missing(root);
      return sharedBytes(weights);
    });
  }

  async #file(root: Hex): Promise<Uint8Array> {
    const bytes = await this.#link.data.get(root, root);
    if (!bytes) throw missing(root);
    return bytes;
  }
}

/** A result is worth some patience with a server that restarts. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === GIVE_ATTEMPTS) throw error;
      await sleep(REST_MS);
    }
  }
}

function missing(root: Hex): GlassboxError {
  return new GlassboxError("network", MISSING, `the queue's store has no file ${root}`);
}

function refusal({ kind, code, message }: GlassboxError): ResultMessage {
  return { error: { kind, code, message: message.slice(0, 2_000) } };
}
