import { setTimeout as sleep } from "node:timers/promises";

import { AbiCoder, keccak256, type ContractTransaction, type Provider } from "ethers";

import { parseEvent } from "../../chain/events.ts";
import { followLogs } from "../../chain/logs.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { lastState } from "../../compute/dispute/author-moves.ts";
import { Detail, type Meddling } from "../../compute/dispute/detail.ts";
import type { Hex } from "../../core/bytes.ts";
import { GlassboxError } from "../../core/errors.ts";
import { PromiseCache } from "../../core/promise-cache.ts";
import { jobState } from "../../compute/job-state.ts";
import { sameAddress } from "../../crypto/address.ts";
import type { FileSource } from "../../storage/ports.ts";
import { TaskGate } from "../../storage/task-gate.ts";
import type { SeenClaim } from "../claim-desk.ts";
import { plainExecution } from "../dispute/chain-execution.ts";
import type { Challenger } from "../dispute/challenger.ts";
import type { KeptFiles } from "../dispute/kept-files.ts";
import { withdrawOwed, type PlayerParts } from "../dispute/play.ts";
import { auditSteps } from "../worker-metrics.ts";
import { challengeAudit, gameAgainst, isChallengeable, type RevealedAudit } from "./audit-challenge.ts";
import { readAuditedPart, type AuditedPart } from "./audited-part.ts";
import { Chores } from "./chores.ts";

/** What an auditor works with. */
export interface AuditorParts extends PlayerParts {
  readonly provider: Provider;
  readonly fromBlock: number;
  readonly storage: FileSource;
  /** Files of a job that do not depend on storage once they were read: a commitment can be revealed whatever storage does. */
  readonly kept: (jobId: bigint) => KeptFiles;
  /** Opens the games against audits of others. */
  readonly challenger: Challenger;
  /** What the auditor does to the parts that it repeats: an honest one, nothing. */
  readonly meddling?: Meddling;
}

/** In the order of the contract's `AuditStatus`. */
const AUDIT = { committed: 1n, revealed: 2n };

/** Parts kept. */
const MAX_REPEATED = 2;

type RepeatedPart = AuditedPart & { readonly detail: Detail };

/**
 * Audits claims for pay: commits to the part that is drawn for it, reveals and collects, and challenges the audits of others that are not what
 * was computed. All it knows is on chain, kept on disk or computed again, so it can stop at any moment, and go on in another process.
 */
export class Auditor {
  readonly #parts: AuditorParts;
  readonly #chores: Chores;
  readonly #stop = new AbortController();
  /** Approvals and commitments go in pairs. */
  readonly #committing = new TaskGate(1);
  readonly #repeated = new PromiseCache<string, RepeatedPart>(MAX_REPEATED);

  constructor(parts: AuditorParts) {
    this.#parts = parts;
    this.#chores = new Chores(parts.pollMs, (chore, err) => {
      if (!this.#stop.signal.aborted) parts.logger.warn({ chore, err }, "an audit is held up; trying again");
    });
  }

  /** Audits a claim that was recomputed and is right, if its job pays for that and there is room. */
  take(claim: SeenClaim): void {
    this.#chores.add(`claim ${claim.jobId}/${claim.claim}`, () => this.#commit(claim));
  }

  /** Goes on with audits, its own and those of others, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const following = this.#follow(signal);
    while (!signal.aborted) {
      this.#chores.tick();
      await sleep(this.#parts.pollMs, undefined, { signal }).catch(() => undefined);
    }
    this.#stop.abort();
    await following;
    await this.#chores.idle();
  }

  /** Takes every audit that the chain tells of. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { contracts, provider, fromBlock, sender, logger, pollMs } = this.#parts;
    const { AuditDesk } = contracts;
    const events = [AuditDesk.getEvent("AuditCommitted"), AuditDesk.getEvent("AuditRevealed")];
    const query = {
      address: await AuditDesk.getAddress(),
      topics: [events.map(({ fragment }) => fragment.topicHash)],
    };
    const onError = (err: unknown): void => {
      logger.warn({ err }, "following audits failed; trying again");
    };
    for await (const { logs } of followLogs(provider, query, fromBlock, { signal, pollMs, onError })) {
      for (const log of logs) {
        const committed = parseEvent(log, AuditDesk, "AuditCommitted");
        if (committed && sameAddress(committed.watcher, sender.address)) {
          this.#chores.add(`audit ${committed.auditId}`, () => this.#tend(committed.auditId));
        }
        const revealed = parseEvent(log, AuditDesk, "AuditRevealed");
        if (!revealed) continue;
        const audit = { auditId: revealed.auditId, execution: plainExecution(revealed.execution) };
        this.#chores.add(`check ${audit.auditId}`, () => this.#check(audit));
      }
    }
  }

  /** Draws and commits. @returns whether there is nothing left to do */
  async #commit({ jobId, claim: number }: SeenClaim): Promise<boolean> {
    const { contracts, sender, kept } = this.#parts;
    const { AuditDesk, Token } = contracts;
    if (!(await this.#mayAudit(jobId, number))) return true;
    const { seed, commitments } = await readChain(AuditDesk.claimAudits(jobId, number));
    if (commitments >= (await readChain(AuditDesk.auditsPerClaim()))) return true;
    if (BigInt(seed) === 0n) {
      await this.#send("draw", jobId, AuditDesk.draw.populateTransaction(jobId, number));
      return false;
    }
    const index = Number(await readChain(AuditDesk.drawnPart(jobId, number, sender.address)));
    const { detail } = await this.#repeat("own", jobId, number, index);
    const bondWei = await readChain(AuditDesk.bondWei());
    const commitment = commitmentOf(sender.address, detail.root);
    await this.#committing.run(async () => {
      await sender.send(Token.approve.populateTransaction(await AuditDesk.getAddress(), bondWei));
      await this.#send("commit", jobId, AuditDesk.commit.populateTransaction(jobId, number, commitment));
    });
    // Where others were faster, there is nothing to reveal.
    if ((await readChain(AuditDesk.auditOf(jobId, number, sender.address))) === 0n) await kept(jobId).forget();
    return true;
  }

  /** Whether the claim's window is open, and the account can audit the claim and does not. */
  async #mayAudit(jobId: bigint, number: number): Promise<boolean> {
    const { contracts, sender } = this.#parts;
    const { AuditDesk, JobRegistry, ServiceRegistry } = contracts;
    const { address } = sender;
    const job = await readChain(JobRegistry.job(jobId));
    const { params, claim } = job;
    if (params.auditFeeWei === 0n || jobState(job) !== "claimed" || Number(claim.number) !== number) return false;
    if ((await chainTime(sender.provider)) > claim.claimedAt + params.claimWindowSeconds) return false;
    if ((await readChain(AuditDesk.auditOf(jobId, number, address))) !== 0n) return false;
    const serviceId = await readChain(JobRegistry.serviceId());
    const { joinedAt } = await readChain(JobRegistry.coverageOf(jobId, address));
    return joinedAt === 0n && readChain(ServiceRegistry.isMemberAt(serviceId, address, claim.claimedAt));
  }

  /** Brings one's own audit on. @returns whether it is over */
  async #tend(auditId: bigint): Promise<boolean> {
    const { contracts, sender } = this.#parts;
    const { AuditDesk, DisputeGame, JobRegistry } = contracts;
    const { status, jobId, claimNumber, revealedAt } = await readChain(AuditDesk.audit(auditId));
    if (status === AUDIT.committed) {
      const job = await readChain(JobRegistry.job(jobId));
      const isLast = job.claim.number === claimNumber;
      const state = jobState(job);
      if (isLast && state === "accepted") await this.#reveal(auditId, jobId, Number(claimNumber));
      else if (!isLast || state !== "claimed") {
        await this.#send("release", jobId, AuditDesk.release.populateTransaction(auditId));
      }
      return false;
    }
    if (status === AUDIT.revealed) {
      const until = revealedAt + (await readChain(AuditDesk.challengeSeconds()));
      const isOpen =
        (await chainTime(sender.provider)) <= until || (await readChain(DisputeGame.openAuditGames(auditId))) > 0n;
      if (!isOpen) await this.#send("collect", jobId, AuditDesk.collect.populateTransaction(auditId));
      return false;
    }
    await withdrawOwed(this.#parts);
    await this.#forget(jobId, claimNumber);
    return true;
  }

  /** Forgets the files of a job whose audit is over, unless a later claim of the job is audited. */
  async #forget(jobId: bigint, claimNumber: bigint): Promise<void> {
    const { contracts, sender, kept } = this.#parts;
    const { AuditDesk, JobRegistry } = contracts;
    const { number } = (await readChain(JobRegistry.job(jobId))).claim;
    const isLast = number === claimNumber;
    if (isLast || (await readChain(AuditDesk.auditOf(jobId, number, sender.address))) === 0n)
      await kept(jobId).forget();
  }

  async #reveal(auditId: bigint, jobId: bigint, claimNumber: number): Promise<void> {
    const { contracts, sender } = this.#parts;
    const { AuditDesk } = contracts;
    const index = Number(await readChain(AuditDesk.drawnPart(jobId, claimNumber, sender.address)));
    const { detail, start, end } = await this.#repeat("own", jobId, claimNumber, index);
    const last = await lastState(detail, this.#stop.signal);
    const reveal = AuditDesk.reveal.populateTransaction(auditId, detail.root, start, end, last);
    await this.#send("reveal", jobId, reveal);
  }

  /** Repeats what another watcher has revealed, and challenges it if it is something else. @returns whether it is over */
  async #check(audit: RevealedAudit): Promise<boolean> {
    const { contracts, sender, logger, challenger } = this.#parts;
    const { auditId } = audit;
    const { AuditDesk } = contracts;
    const { jobId, claimNumber, watcher, detailRoot } = await readChain(AuditDesk.audit(auditId));
    if (sameAddress(watcher, sender.address)) return true;
    const isOpen = await isChallengeable(this.#parts, auditId);
    if (!isOpen && (await gameAgainst(this.#parts, auditId)) === undefined) return true;
    const index = Number(await readChain(AuditDesk.drawnPart(jobId, claimNumber, watcher)));
    const { detail } = await this.#repeat("other", jobId, Number(claimNumber), index);
    if (detail.root === detailRoot) return true;
    logger.warn({ audit: auditId.toString(), watcher }, "an audit is not what was computed");
    await challengeAudit(this.#parts, challenger, audit, detail, this.#stop.signal);
    return true;
  }

  /** A part, computed again unless that was done lately. Its files are kept if it is one's own to audit. */
  #repeat(whose: "own" | "other", jobId: bigint, claimNumber: number, index: number): Promise<RepeatedPart> {
    const files = whose === "own" ? this.#parts.kept(jobId) : this.#parts.storage;
    const name = `${whose}/${jobId}/${claimNumber}/${index}`;
    return this.#repeated.get(name, () => this.#compute(files, jobId, index));
  }

  async #compute(files: FileSource, jobId: bigint, index: number): Promise<RepeatedPart> {
    const { contracts, meddling } = this.#parts;
    const { signal } = this.#stop;
    const part = await readAuditedPart(contracts, files, { jobId, index }, signal);
    return { ...part, detail: await Detail.compute(part.execution, { ...(meddling && { meddling }), signal }) };
  }

  /** Sends a step. What the chain refuses is told: somebody else may have been faster. */
  async #send(step: string, jobId: bigint, request: Promise<ContractTransaction>): Promise<void> {
    const { sender, logger } = this.#parts;
    try {
      await sender.send(request);
      auditSteps.inc({ step, outcome: "taken" });
      logger.info({ job: jobId.toString(), step }, "went on with an audit");
    } catch (error) {
      if (!(error instanceof GlassboxError) || error.kind !== "revert") throw error;
      auditSteps.inc({ step, outcome: "refused" });
      logger.warn({ job: jobId.toString(), step, err: error }, "a step of an audit was not taken");
    }
  }
}

/** What hides a detail root, for one watcher. */
function commitmentOf(watcher: string, detailRoot: Hex): Hex {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32"], [watcher, detailRoot])) as Hex;
}
