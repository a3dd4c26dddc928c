import { setTimeout as sleep } from "node:timers/promises";

import { LeafNeeded } from "../compute/dispute/claimed-file.ts";
import { GlassboxError } from "../core/errors.ts";
import { TaskGate } from "../storage/task-gate.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { AuditResult, ClaimFacts, RecomputedClaim } from "./job-auditor.ts";
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
  readonly audit: (claim: SeenClaim, signal: AbortSignal) => Promise<AuditResult>;
  /** Called once with a claim that is a mismatch, and what was computed instead. */
  readonly doubt?: (claim: SeenClaim, recomputed: RecomputedClaim, signal: AbortSignal) => Promise<void>;
  /** Called once with a claim that is a match. */
  readonly confirm?: (claim: SeenClaim) => void;
  /** Has a claim's author show what storage does not give. @returns whether it did */
  readonly ask?: (claim: SeenClaim, leaf: LeafNeeded, signal: AbortSignal) => Promise<boolean>;
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
        const { verdict, detail, recomputed } = await this.#gate.run(() => judge(claim, this.#parts, signal));
        if (isDropped()) return;
        this.#verdicts.set(job, { job, claim: claim.claim, digest, verdict, detail });
        logger.info({ job, claim: claim.claim, verdict, detail }, "recomputed a claim");
        if (verdict === "match") this.#parts.confirm?.(claim);
        if (recomputed) await this.#parts.doubt?.(claim, recomputed, signal);
        return;
      } catch (error) {
        if (isDropped()) return;
        if (error instanceof LeafNeeded && (await this.#parts.ask?.(claim, error, signal)) === true) continue;
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
  claim: SeenClaim,
  { audit }: ClaimDeskParts,
  signal: AbortSignal,
): Promise<Pick<Verdict, "verdict" | "detail"> & Pick<AuditResult, "recomputed">> {
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
