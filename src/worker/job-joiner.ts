import type { Contracts } from "../chain/contracts.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { jobState } from "../compute/job-state.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import { TaskGate } from "../storage/task-gate.ts";
import type { Logger } from "../telemetry/logger.ts";
import { joinJob } from "./lease.ts";
import type { FileSource } from "../storage/ports.ts";
import { loadJobProgram } from "./training-job.ts";

/** A job may bind this part of the stake that is free, so that no stranger's job binds all of it. */
const STAKE_SHARE = 4n;
/** Jobs that are looked at once, for how long, and how often if chain or storage do not answer. */
const LOOKS = 8;
const LOOK_MS = 20_000;
const MAX_ATTEMPTS = 5;

/** What a joiner works with. */
export interface JobJoinerParts {
  readonly contracts: Contracts;
  readonly files: FileSource;
  readonly sender: TxSender;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Joins jobs that the operator can do and cover. Anybody can open a job, so its terms, program and sizes are checked first. */
export class JobJoiner {
  readonly #parts: JobJoinerParts;
  readonly #gate = new TaskGate(LOOKS);
  readonly #attempts = new Map<bigint, number>();
  readonly #running = new Map<bigint, Promise<void>>();

  constructor(parts: JobJoinerParts) {
    this.#parts = parts;
  }

  /** Looks at jobs that opened, and again at those that could not be looked at before. */
  offer(jobIds: readonly bigint[]): void {
    for (const jobId of new Set([...jobIds, ...this.#attempts.keys()])) {
      if (this.#running.has(jobId)) continue;
      const task = this.#gate.run(() => this.#look(jobId)).finally(() => this.#running.delete(jobId));
      this.#running.set(jobId, task);
    }
  }

  /** Resolves when no job is being looked at. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #look(jobId: bigint): Promise<void> {
    const { logger, signal } = this.#parts;
    const job = jobId.toString();
    try {
      if (await this.#join(jobId)) logger.info({ job }, "joined a job");
      this.#attempts.delete(jobId);
    } catch (error) {
      if (signal.aborted) return;
      const attempts = (this.#attempts.get(jobId) ?? 0) + 1;
      const isFinal = error instanceof GlassboxError && error.kind !== "network";
      if (isFinal || attempts >= MAX_ATTEMPTS) this.#attempts.delete(jobId);
      else this.#attempts.set(jobId, attempts);
      logger.warn({ job, err: error }, isFinal ? "did not join a job" : "could not look at a job");
    }
  }

  async #join(jobId: bigint): Promise<boolean> {
    const { contracts, files, sender, signal } = this.#parts;
    const { JobRegistry } = contracts;
    const job = await readChain(JobRegistry.job(jobId));
    const { params } = job;
    if (jobState(job) !== "open" || (await chainTime(sender.provider)) > params.deadline) return false;
    if (await readChain(JobRegistry.isCovering(jobId, sender.address))) return false;
    const serviceId = await readChain(JobRegistry.serviceId());
    const freeWei = await readChain(contracts.StakePool.availableWei(serviceId, sender.address));
    ensureInput(
      params.coverageWei * STAKE_SHARE <= freeWei,
      "WORKER_COVERAGE_TOO_HIGH",
      `job ${jobId} would bind ${params.coverageWei}, more than a part in ${STAKE_SHARE} of the free stake ${freeWei}`,
    );
    await loadJobProgram(contracts, files, jobId, AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
    await joinJob(contracts, sender, jobId);
    return true;
  }
}
