import { setTimeout as sleep } from "node:timers/promises";

import { GlassboxError } from "../core/errors.ts";
import { TaskGate } from "../storage/task-gate.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { AuditResult, ClaimFacts } from "./job-auditor.ts";
import type { Verdict } from "./watcher-protocol.ts";

/** A claim whose files can't be had is tried again after so long, and ever more rarely. */
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 300_000;
/** Claims recomputed at once. One that waits for its files does not hold up the others. */
const AUDITS = 4;
/** What is beyond what a watcher recomputes. */
const BEYOND = new Set(["WORKER_JOB_TOO_LARGE", "COMPUTE_WORKLOAD_TOO_LARGE"]);

/** A claim that was seen on chain. */
export interface SeenClaim extends ClaimFacts {
  /** Its number in the job. */
  readonly claim: number;
  /** What its author signed. */
  readonly digest: () => Promise<string>;
}

/** What a desk works with. */
export interface ClaimDeskParts {
  readonly audit: (claim: ClaimFacts, signal: AbortSignal) => Promise<AuditResult>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly retryMs?: number;
}

/** Recomputes claims and keeps one verdict a job: of its newest claim, never of an older one. */
export class ClaimDesk {
  readonly #parts: ClaimDeskParts;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #names = new Map<string, string>();
  readonly #stops = new Map<string, AbortController>();
  readonly #running = new Set<Promise<void>>();
  readonly #gate = new TaskGate(AUDITS);

  constructor(parts: ClaimDeskParts) {
    this.#parts = parts;
  }

  /** What was found of a job's newest claim. */
  verdict(job: string): Verdict {
    return this.#verdicts.get(job) ?? { job, claim: 0, digest: "", verdict: "unknown", detail: "no claim was seen" };
  }

  /** Begins with a claim; an older one of the same job is dropped. */
  take(claim: SeenClaim): void {
    const job = claim.jobId.toString();
    const name = `${claim.claim}/${Object.values(claim.outputs).join()}/${claim.submissions.join()}`;
    // After a reorganisation the same claim is seen again.
    if (this.#names.get(job) === name) return;
    this.#names.set(job, name);
    this.#stops.get(job)?.abort();
    const stop = new AbortController();
    this.#stops.set(job, stop);
    this.#verdicts.set(job, { job, claim: claim.claim, digest: "", verdict: "pending", detail: "recomputing" });
    const task = this.#judge(job, claim, AbortSignal.any([this.#parts.signal, stop.signal])).finally(() => {
      this.#running.delete(task);
    });
    this.#running.add(task);
  }

  /** Resolves when nothing is being recomputed. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #judge(job: string, claim: SeenClaim, signal: AbortSignal): Promise<void> {
    const { logger, retryMs = RETRY_MS } = this.#parts;
    const isDropped = (): boolean => signal.aborted;
    for (let wait = retryMs; !isDropped(); wait = Math.min(2 * wait, MAX_RETRY_MS)) {
      try {
        const digest = await claim.digest();
        this.#verdicts.set(job, { job, claim: claim.claim, digest, verdict: "pending", detail: "recomputing" });
        const result = await this.#gate.run(() => judge(claim, this.#parts, signal));
        if (isDropped()) return;
        this.#verdicts.set(job, { job, claim: claim.claim, digest, ...result });
        logger.info({ job, claim: claim.claim, ...result }, "recomputed a claim");
        return;
      } catch (error) {
        if (isDropped()) return;
        logger.warn({ err: error, job }, "the claim could not be recomputed; trying again");
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/**
 * What is malformed is a mismatch, and what is too large is not judged. Whatever else goes wrong, also a storage node that lies,
 * says nothing about the claim, and is thrown.
 */
async function judge(
  claim: ClaimFacts,
  { audit }: ClaimDeskParts,
  signal: AbortSignal,
): Promise<Pick<Verdict, "verdict" | "detail">> {
  try {
    return await audit(claim, signal);
  } catch (error) {
    if (!(error instanceof GlassboxError) || /^(?:STORAGE|CRYPTO|CHAIN)_/.test(error.code)) throw error;
    const detail = `${error.code}: ${error.message}`;
    if (BEYOND.has(error.code)) return { verdict: "unknown", detail };
    if (error.kind === "check" || error.kind === "usage") return { verdict: "mismatch", detail };
    throw error;
  }
}
