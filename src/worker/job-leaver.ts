import type { Contracts } from "../chain/contracts.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { jobState } from "../compute/job-state.ts";
import { GlassboxError } from "../core/errors.ts";
import type { Logger } from "../telemetry/logger.ts";

/** How often jobs that are not over are looked at. */
const LOOK_MS = 30_000;

/** What a leaver works with. */
export interface JobLeaverParts {
  readonly contracts: Contracts;
  readonly sender: TxSender;
  /** Forgets what was kept to answer for the parts of a job. */
  readonly forget: (jobId: bigint) => Promise<void>;
  readonly logger: Logger;
  readonly lookMs?: number;
}

/**
 * Leaves jobs that are over: takes back the stake that they reserved, and forgets what was kept for them. From then on nobody can challenge
 * a part of them.
 */
export class JobLeaver {
  readonly #parts: JobLeaverParts;
  readonly #jobs = new Set<bigint>();
  #looking: Promise<void> | undefined;
  #nextLook = 0;

  constructor(parts: JobLeaverParts) {
    this.#parts = parts;
  }

  /** Takes jobs that the operator has joined, and looks now and then whether one is over. */
  offer(jobIds: readonly bigint[]): void {
    for (const jobId of jobIds) this.#jobs.add(jobId);
    if (this.#looking !== undefined || performance.now() < this.#nextLook) return;
    this.#nextLook = performance.now() + (this.#parts.lookMs ?? LOOK_MS);
    this.#looking = this.#look().finally(() => (this.#looking = undefined));
  }

  /** Resolves when no job is being looked at. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async #look(): Promise<void> {
    for (const jobId of this.#jobs) {
      try {
        if (await this.#leave(jobId)) this.#jobs.delete(jobId);
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        this.#parts.logger.warn({ job: jobId.toString(), err: error }, "did not leave a job; trying again");
      }
    }
  }

  /** @returns whether nothing is left to do */
  async #leave(jobId: bigint): Promise<boolean> {
    const { contracts, sender, forget, logger } = this.#parts;
    const { DisputeGame, JobRegistry } = contracts;
    const job = await readChain(JobRegistry.job(jobId));
    const state = jobState(job);
    if (state !== "accepted" && state !== "cancelled") return false;
    if (await readChain(JobRegistry.isCovering(jobId, sender.address))) {
      if ((await chainTime(sender.provider)) < job.coverageUntil) return false;
      if ((await readChain(DisputeGame.openPartGames(jobId, sender.address))) > 0n) return false;
      await sender.send(JobRegistry.releaseCoverage.populateTransaction(jobId, sender.address));
      logger.info({ job: jobId.toString() }, "left a job that is over");
    }
    await forget(jobId);
    return true;
  }
}
