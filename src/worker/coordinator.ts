import { setTimeout as sleep } from "node:timers/promises";

import type { Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { jobState } from "../compute/job-state.ts";
import { JOB_OUTPUTS, jobClaim, type JobOutput } from "../compute/claims.ts";
import type { Meddling } from "../compute/dispute/detail.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { StorageClient } from "../storage/storage-client.ts";
import type { Logger } from "../telemetry/logger.ts";
import { FlowReader } from "../storage/flow-reader.ts";
import { ClaimAuthor } from "./dispute/claim-author.ts";
import { Defender } from "./dispute/defender.ts";
import { GameReader } from "./dispute/game-reader.ts";
import { KeptFiles } from "./dispute/kept-files.ts";
import { buildJobOutputs, claimOutputs, outputRoots } from "./job-outputs.ts";
import { joinJob, keepLease, takeLease } from "./lease.ts";
import { JobLeaver } from "./job-leaver.ts";
import { JobPeers } from "./job-peers.ts";
import { RoundJournal } from "./round-journal.ts";
import { runRounds, type DoneRound } from "./round-runner.ts";
import { SignedJournal } from "./signed-journal.ts";
import { loadJob, type LoadedJob } from "./training-job.ts";
import { awaitVerdicts, claimDigest } from "./watcher-protocol.ts";

const POLL_MS = 500;

/** What a coordinator works with. */
export interface CoordinatorOptions {
  readonly contracts: Contracts;
  readonly provider: Provider;
  /** The deployment's first block. */
  readonly fromBlock: number;
  readonly storage: StorageClient;
  readonly sender: TxSender;
  /** The operator's signing key. */
  readonly signer: UnlockedKey;
  readonly journal: KeyValueStore;
  /** Base URLs of the watchers that are asked before acceptance. */
  readonly watchers: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onEvent: (event: CoordinatorEvent) => void;
  /** Called after each round, for whoever watches the training. */
  readonly onRound?: (job: LoadedJob, done: DoneRound) => void;
  /** What the author did to the executions that it answers for: an honest one, nothing. */
  readonly meddling?: Meddling;
}

/** What a coordinator tells of its progress. */
export type CoordinatorEvent =
  | { readonly event: "waiting"; readonly holder: string }
  | { readonly event: "round"; readonly round: number; readonly of: number }
  | { readonly event: "stored"; readonly file: JobOutput; readonly bytes: number }
  | { readonly event: "claimed"; readonly weightsRoot: Hex; readonly traceRoot: Hex }
  | { readonly event: "accepted"; readonly versionId: string };

/**
 * Runs a job to its end: lease, rounds, storage of the outputs, claim, window, acceptance. Meanwhile it answers in every game against its
 * claims, and challenges whoever signed a part that a claim has fallen for. Can be killed and started again at any moment, also by another
 * operator's coordinator, which needs nothing of this one's journal.
 * @returns the number of the new model version
 * @throws GlassboxError `WORKER_WATCHER_MISMATCH` if a watcher computed something else; the claim is then not accepted. `WORKER_CLAIM_LOST`
 * if the claim was refuted.
 */
export async function coordinateJob(jobId: bigint, options: CoordinatorOptions): Promise<bigint> {
  const over = new AbortController();
  const defence = defenderOf(jobId, options).run(over.signal, options.signal);
  try {
    const versionId = await runJob(jobId, options);
    await leave(jobId, options);
    return versionId;
  } finally {
    over.abort();
    await defence;
  }
}

/** Has the coordinator's own stake released, unless parts of it can still be challenged: then its worker does that later. */
async function leave(jobId: bigint, options: CoordinatorOptions): Promise<void> {
  const { contracts, sender, logger } = options;
  const leaver = new JobLeaver({ contracts, sender, logger, forget: () => keptFiles(jobId, options).forget() });
  leaver.offer([jobId]);
  await leaver.idle();
}

/** Answers for the claims of a job. */
function defenderOf(jobId: bigint, options: CoordinatorOptions): Defender {
  const { contracts, provider, sender, journal, fromBlock, logger, meddling } = options;
  const reader = new GameReader(contracts, provider, fromBlock);
  const player = { contracts, reader, sender, logger, pollMs: POLL_MS };
  const files = [new ClaimAuthor({ jobId, storage: keptFiles(jobId, options), store: journal, player })];
  return new Defender({ ...player, provider, fromBlock, files, ...(meddling && { meddling }) });
}

/** What a claim is made from and of: its author needs it again when it is challenged. */
function keptFiles(jobId: bigint, { contracts, storage, journal }: CoordinatorOptions): KeptFiles {
  return new KeptFiles(new FlowReader(contracts), storage, journal, jobId);
}

async function runJob(jobId: bigint, options: CoordinatorOptions): Promise<bigint> {
  const { contracts, signal } = options;
  const { JobRegistry } = contracts;
  const isOpen = async (): Promise<boolean> => jobState(await readChain(JobRegistry.job(jobId))) === "open";
  let isClaimed = !(await isOpen());
  do {
    isClaimed ||= await trainUnderLease(jobId, options);
    await waitForWindow(jobId, options);
    // While another's claim was judged, this one stood by: if it fell, the job is open again.
  } while (!isClaimed && (await isOpen()));
  const job = await readChain(JobRegistry.job(jobId));
  if (jobState(job) === "claimed") {
    const { claim } = job;
    const digest = await claimDigest(contracts, jobId, claim.outputs);
    await awaitVerdicts(options.watchers, jobId, { claim: Number(claim.number), digest }, signal);
    await accept(jobId, options);
  }
  const { versionId } = await readChain(JobRegistry.job(jobId));
  ensureCheck(versionId > 0n, "WORKER_CLAIM_LOST", `job ${jobId} has no accepted claim`);
  options.onEvent({ event: "accepted", versionId: versionId.toString() });
  return versionId;
}

/** Anybody may accept, so somebody may be first. */
async function accept(jobId: bigint, { contracts, sender }: CoordinatorOptions): Promise<void> {
  const { JobRegistry } = contracts;
  try {
    await sender.send(JobRegistry.accept.populateTransaction(jobId));
  } catch (error) {
    if (jobState(await readChain(JobRegistry.job(jobId))) === "claimed") throw error;
  }
}

/**
 * Trains and claims as long as the lease is ours: without it, nothing that is done can be claimed.
 * @returns false if another holder of the lease has claimed
 */
async function trainUnderLease(jobId: bigint, options: CoordinatorOptions): Promise<boolean> {
  const { contracts, sender, logger, onEvent } = options;
  await joinJob(contracts, sender, jobId);
  const isTaken = await takeLease(contracts, sender, jobId, options.signal, (holder) => {
    onEvent({ event: "waiting", holder });
  });
  if (!isTaken) return false;
  const finished = new AbortController();
  const lost = new AbortController();
  const signal = AbortSignal.any([options.signal, lost.signal]);
  const keeping = keepLease(contracts, sender, jobId, logger, AbortSignal.any([signal, finished.signal])).catch(
    (error: unknown) => {
      lost.abort(error);
    },
  );
  try {
    const job = await loadJob(contracts, keptFiles(jobId, options), jobId, signal);
    await trainAndClaim(job, { ...options, signal });
    return true;
  } catch (error) {
    lost.signal.throwIfAborted();
    throw error;
  } finally {
    finished.abort();
    await keeping;
  }
}

async function trainAndClaim(job: LoadedJob, options: CoordinatorOptions): Promise<void> {
  const { contracts, storage, sender, signer, logger, signal, onEvent } = options;
  const signed = new SignedJournal(options.journal, signer);
  const peers = new JobPeers(contracts, job.jobId, signal);
  const { claim: refuted } = await readChain(contracts.JobRegistry.job(job.jobId));
  const trained = await runRounds({
    job,
    isRepeated: refuted.number > 0n,
    journal: new RoundJournal(options.journal, BigInt(job.domain.chainId), job.jobId),
    coordinator: signed,
    peers: () => peers.joined(),
    logger,
    signal,
    onRound: (done) => {
      onEvent({ event: "round", round: done.round, of: job.rounds });
      options.onRound?.(job, done);
    },
  });
  const joined = (await readChain(contracts.JobRegistry.joined(job.jobId))) as Hex[];
  const files = buildJobOutputs(job, { ...trained, joined });
  const roots = outputRoots(files);
  const submissions: bigint[] = [];
  const kept = keptFiles(job.jobId, options);
  for (const name of JOB_OUTPUTS) {
    await kept.keep(files[name]);
    const { submission } = await storage.upload(files[name], signal);
    submissions.push(BigInt(submission));
    onEvent({ event: "stored", file: name, bytes: files[name].length });
  }
  await waitForDeals(submissions, options);

  const { JobRegistry, Token } = contracts;
  const { params } = await readChain(JobRegistry.job(job.jobId));
  const signature = await signed.signJobClaim(job.domain, jobClaim(job, roots));
  const outputs = claimOutputs(roots, files.accounts);
  await sender.send(Token.approve.populateTransaction(await JobRegistry.getAddress(), params.claimBondWei));
  await sender.send(JobRegistry.claim.populateTransaction(job.jobId, outputs, submissions, signature));
  onEvent({ event: "claimed", weightsRoot: roots.weights, traceRoot: roots.trace });
}

/** A claim is accepted only if its files are in storage for long enough. */
async function waitForDeals(submissions: readonly bigint[], { contracts, signal }: CoordinatorOptions): Promise<void> {
  const { Market, JobRegistry } = contracts;
  const { availabilityEpochs } = await readChain(JobRegistry.limits());
  for (const submission of submissions) {
    const isFilled = async (): Promise<boolean> =>
      Market.isFilled(submission, (await Market.currentEpoch()) + availabilityEpochs);
    while (!(await readChain(isFilled()))) {
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}

/** Until the claim has fallen, or its window is over and no game against it is left. */
async function waitForWindow(jobId: bigint, { contracts, sender, signal }: CoordinatorOptions): Promise<void> {
  for (;;) {
    const job = await readChain(contracts.JobRegistry.job(jobId));
    if (jobState(job) !== "claimed") return;
    const { claim, params } = job;
    const isOver = (await chainTime(sender.provider)) > claim.claimedAt + params.claimWindowSeconds;
    if (isOver && (await readChain(contracts.DisputeGame.openGames(jobId, claim.number))) === 0n) return;
    await sleep(POLL_MS, undefined, { signal });
  }
}
