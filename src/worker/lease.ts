import { setTimeout as sleep } from "node:timers/promises";

import type { Contracts } from "../chain/contracts.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { jobState } from "../compute/job-state.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { health } from "../telemetry/health.ts";
import type { Logger } from "../telemetry/logger.ts";

const CHECK_MS = 1_000;
/** A lease that could not be looked at for so long may be lost. */
const SILENT_MS = 30_000;

/** Joins a job with the sender's stake unless it has joined. Only operators that joined can hold the lease. */
export async function joinJob(contracts: Contracts, sender: TxSender, jobId: bigint): Promise<void> {
  const { JobRegistry } = contracts;
  if (await readChain(JobRegistry.isCovering(jobId, sender.address))) return;
  await sender.send(JobRegistry.join.populateTransaction(jobId));
}

/**
 * Takes the job's lease unless the sender holds it; waits for another holder's lease to expire.
 * @param onWait called once for each holder that is waited for
 * @returns false if the job needs no lease any more: another holder's claim came first, or the job is over
 */
export async function takeLease(
  contracts: Contracts,
  sender: TxSender,
  jobId: bigint,
  signal: AbortSignal,
  onWait?: (holder: string) => void,
): Promise<boolean> {
  const { JobRegistry, Token } = contracts;
  let waitedFor = "";
  for (;;) {
    const job = await readChain(JobRegistry.job(jobId));
    if (jobState(job) !== "open") return false;
    const { lease, params } = job;
    const now = await chainTime(sender.provider);
    if (now > lease.expiresAt) {
      await sender.send(Token.approve.populateTransaction(await JobRegistry.getAddress(), params.leaseBondWei));
      if (await isFirst(contracts, sender, jobId)) return true;
      continue;
    }
    if (sameAddress(lease.holder, sender.address)) return true;
    if (lease.holder !== waitedFor) onWait?.(lease.holder);
    waitedFor = lease.holder;
    await sleep(CHECK_MS, undefined, { signal });
  }
}

/** Takes a lease that is free, unless somebody else was quicker. */
async function isFirst({ JobRegistry }: Contracts, sender: TxSender, jobId: bigint): Promise<boolean> {
  try {
    await sender.send(JobRegistry.takeLease.populateTransaction(jobId));
    return true;
  } catch (error) {
    const job = await readChain(JobRegistry.job(jobId));
    if (jobState(job) === "open" && (await chainTime(sender.provider)) > job.lease.expiresAt) throw error;
    return false;
  }
}

/**
 * Extends the lease each time half of it has passed on the chain's clock, until `signal` aborts or the job leaves the state
 * in which it needs a lease.
 * @throws GlassboxError `WORKER_LEASE_LOST` if somebody else holds it, `WORKER_JOB_EXPIRED` after the job's deadline: work done after that is lost.
 */
export async function keepLease(
  contracts: Contracts,
  sender: TxSender,
  jobId: bigint,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { JobRegistry } = contracts;
  const beat = health.expect("lease", SILENT_MS, signal);
  while (!signal.aborted) {
    try {
      const job = await readChain(JobRegistry.job(jobId));
      if (jobState(job) !== "open") return;
      const { lease, params } = job;
      const now = await chainTime(sender.provider);
      ensureCheck(
        sameAddress(lease.holder, sender.address),
        "WORKER_LEASE_LOST",
        `the lease of job ${jobId} is held by ${lease.holder}`,
      );
      ensureCheck(now <= params.deadline, "WORKER_JOB_EXPIRED", `the deadline of job ${jobId} has passed`);
      if (now > lease.expiresAt - params.leaseSeconds / 2n) {
        await sender.send(JobRegistry.heartbeat.populateTransaction(jobId));
      }
      beat();
    } catch (error) {
      if (!(error instanceof GlassboxError) || error.kind === "check" || error.kind === "bug") throw error;
      logger.warn({ err: error }, "the lease was not extended");
    }
    await sleep(CHECK_MS, undefined, { signal }).catch(() => undefined);
  }
}
