import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { encodeProgram } from "../../compute/program-file.ts";
import type { TrainingJob } from "../../compute/training.ts";
import { GlassboxError } from "../../core/errors.ts";
import type { PartOutcome, PartTask } from "./part-queue.ts";
import { sharedBytes } from "./shared-bytes.ts";
import type { ThreadAnswer, ThreadRequest } from "./thread-messages.ts";

/** Jobs that a thread keeps ready: a job's tensors and data take as much as a gigabyte. */
const MAX_JOBS = 4;

/** Starts the thread; another one stands in for it in tests that end threads. */
export type StartThread = () => Worker;

interface Running {
  readonly worker: Worker;
  /** Aborted with an error when the thread has ended. */
  readonly ended: AbortSignal;
  readonly jobs: Map<TrainingJob, number>;
}

/** One thread that computes parts, one after the other. A thread that ended is replaced when the next part comes. */
export class PartThread {
  readonly #start: StartThread;
  #running: Running | undefined;
  #lastId = 0;

  constructor(start: StartThread = () => new Worker(new URL("./part-thread-main.ts", import.meta.url))) {
    this.#start = start;
  }

  /**
   * Computes a part. Not to be called again before the last call has settled.
   * @throws GlassboxError `WORKER_THREAD_ENDED` if the thread ended, whatever computing throws, or the signal's reason; the thread is ended then.
   */
  async compute(task: PartTask, signal: AbortSignal): Promise<PartOutcome> {
    signal.throwIfAborted();
    const { worker, ended, jobs } = (this.#running ??= this.#begin());
    const tell = (request: ThreadRequest): void => {
      worker.postMessage(request);
    };
    const { round, part, start } = task;
    const job = this.#introduce(task.job, jobs, tell);
    const answered = once(worker, "message", { signal: AbortSignal.any([signal, ended]) });
    tell({ kind: "part", job, round, part, start: sharedBytes(start) });
    let answer: ThreadAnswer;
    try {
      [answer] = (await answered) as [ThreadAnswer];
    } catch (error) {
      await this.close();
      signal.throwIfAborted();
      ended.throwIfAborted();
      throw error;
    }
    if ("error" in answer) throw new GlassboxError(answer.error.kind, answer.error.code, answer.error.message);
    return answer;
  }

  /** Ends the thread, also in the middle of a part. */
  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.worker.terminate();
  }

  #begin(): Running {
    const worker = this.#start();
    const ended = new AbortController();
    const end = (cause?: unknown): void => {
      const options = cause === undefined ? {} : { cause };
      ended.abort(
        new GlassboxError("network", "WORKER_THREAD_ENDED", "the thread that computed the part ended", options),
      );
    };
    worker.once("error", end);
    worker.once("exit", () => {
      end();
    });
    return { worker, ended: ended.signal, jobs: new Map() };
  }

  /** Gives the thread a job's data unless it has it, and has it forget the job that was used longest ago. */
  #introduce(job: TrainingJob, jobs: Map<TrainingJob, number>, tell: (request: ThreadRequest) => void): number {
    const known = jobs.get(job);
    const id = known ?? ++this.#lastId;
    jobs.delete(job);
    jobs.set(job, id);
    if (known !== undefined) return id;
    const { program, seed, data } = job;
    const shared = { samples: sharedBytes(data.samples), labels: sharedBytes(data.labels), count: data.count };
    tell({ kind: "job", id, program: encodeProgram(program), seed, data: shared });
    const [oldest] = jobs;
    if (jobs.size > MAX_JOBS && oldest) {
      jobs.delete(oldest[0]);
      tell({ kind: "forget", id: oldest[1] });
    }
    return id;
  }
}
