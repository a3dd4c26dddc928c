import { setTimeout as sleep } from "node:timers/promises";

import type { Contracts } from "../chain/contracts.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import type { Logger } from "../telemetry/logger.ts";

const CHECK_MS = 1_000;

/** Joins a job with the sender's stake unless it has joined. Only operators that joined can hold the lease. */
export async function joinJob(contracts: Contracts, sender: TxSender, jobId: bigint): Promise<void> {
  const { JobRegistry } = contracts;
  if (await JobRegistry.isCovering(jobId, sender.address)) return;
  await sender.send(JobRegistry.join.populateTransaction(jobId));
}

/** Takes the job's lease unless the sender holds it; waits for another holder's lease to expire. */
export async function takeLease(
  contracts: Contracts,
  sender: TxSender,
  jobId: bigint,
  signal: AbortSignal,
): Promise<void> {
  const { JobRegistry, Token } = contracts;
  for (;;) {
    const { lease, params } = await JobRegistry.job(jobId);
    const now = await chainTime(sender);
    if (sameAddress(lease.holder, sender.address) && now <= lease.expiresAt) return;
    if (now > lease.expiresAt) {
      await sender.send(Token.approve.populateTransaction(await JobRegistry.getAddress(), params.leaseBondWei));
      await sender.send(JobRegistry.takeLease.populateTransaction(jobId));
      return;
    }
    await sleep(CHECK_MS, undefined, { signal });
  }
}

/**
 * Extends the lease each time half of it has passed on the chain's clock, until `signal` aborts or the job leaves the state
 * in which it needs a lease.
 */
export async function keepLease(
  contracts: Contracts,
  sender: TxSender,
  jobId: bigint,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { JobRegistry } = contracts;
  while (!signal.aborted) {
    try {
      const { lease, params } = await JobRegistry.job(jobId);
      const half = lease.expiresAt - params.leaseSeconds / 2n;
      if (sameAddress(lease.holder, sender.address) && (await chainTime(sender)) > half) {
        await sender.send(JobRegistry.heartbeat.populateTransaction(jobId));
      }
    } catch (error) {
      if (!(error instanceof GlassboxError) && !(error instanceof Error)) throw error;
      logger.warn({ err: error }, "the lease was not extended");
    }
    await sleep(CHECK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The chain's clock in seconds. */
export async function chainTime(sender: TxSender): Promise<bigint> {
  const block = await sender.signer.provider?.getBlock("latest");
  if (!block) throw new GlassboxError("network", "CHAIN_CALL_FAILED", "the chain has no latest block");
  return BigInt(block.timestamp);
}
