import type { Log, TransactionReceipt } from "ethers";

import { eventOf, parseEvent } from "../../chain/events.ts";
import { readLogs } from "../../chain/logs.ts";
import { jobState } from "../../compute/job-state.ts";
import { ensureCheck } from "../../core/errors.ts";
import { formatTokens } from "../amounts.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import { coordinateFalsely } from "./false-training.ts";
import type { Stage } from "./stage.ts";

/** Slash and reward follow the verdict at once. */
const SETTLE_SECONDS = 60;

/** What a false claim cost its author, and what it took to refute it. */
export interface RefutedClaim {
  readonly author: string;
  /** The claim's bond, of which one part is burnt and the other one is the watcher's. */
  readonly bondWei: bigint;
  readonly bondBurntWei: bigint;
  readonly bondWonWei: bigint;
  /** Stake of the author. */
  readonly slashedWei: bigint;
  /** Transactions of both sides from challenge to verdict, and their gas. */
  readonly moves: number;
  readonly gas: bigint;
}

/**
 * An operator joins the job, takes its lease and claims a training in which it altered one number. The watcher recomputes it and plays
 * the dispute game to the verdict; bond and stake are lost, and the job is open again with its escrow.
 */
export async function trainFalselyAndGetCaught(stage: Stage, network: Network, jobId: bigint): Promise<RefutedClaim> {
  const { AuditDesk, JobRegistry, StakePool, Token } = network.contracts;
  const { address: author } = await network.sender(ROLES.dishonestTrainer);
  await coordinateFalsely(network, jobId, stage.signal, (event) => {
    if (event.event === "claimed")
      stage.tell(`${author} claimed a training in which it altered one number of one part`);
  });
  const { moves, gas } = await costOfGame(network);
  stage.tell(`the watcher recomputed the claim and won the dispute game: ${moves} moves, ${gas} gas`);

  const slash = await stage.until("the slash of the claim's author", SETTLE_SECONDS, () => slashOf(network, author));
  const { slashedWei } = eventOf(slash, StakePool, "StakeSlashed");
  const bondWonWei = await stage.until("the watcher's reward", SETTLE_SECONDS, () => rewardOfWatcher(network));
  const bondBurntWei = await stage.until("the burnt part of the bond", SETTLE_SECONDS, () => burntBond(network));
  const job = await JobRegistry.job(jobId);
  const { params } = job;
  const state = jobState(job);
  const bondWei = params.claimBondWei;
  ensureCheck(
    bondWei === bondBurntWei + bondWonWei,
    "DEMO_BOND_SUM",
    `the bond was ${bondWei}, burnt ${bondBurntWei}, to the watcher ${bondWonWei}`,
  );
  const owedWei = (await JobRegistry.owedWei(author)) + (await JobRegistry.owedWei(await AuditDesk.getAddress()));
  const escrowWei = (await Token.balanceOf(await JobRegistry.getAddress())) - owedWei;
  ensureCheck(
    state === "open" && escrowWei === params.feeWei + params.auditFeeWei,
    "DEMO_JOB_NOT_REOPENED",
    `job ${jobId} is ${state}, with ${escrowWei} in escrow`,
  );
  stage.tell(
    `it lost its bond of ${formatTokens(bondWei)} = ${formatTokens(bondBurntWei)} burnt + ${formatTokens(bondWonWei)} to the watcher, and ${formatTokens(slashedWei)} of stake`,
  );
  stage.tell(`job ${jobId} is open again, with ${formatTokens(escrowWei)} in escrow`);
  return { author, bondWei, bondBurntWei, bondWonWei, slashedWei, moves, gas };
}

/** The transactions of the only game so far, from its opening to its verdict. */
async function costOfGame(network: Network): Promise<{ moves: number; gas: bigint }> {
  const { DisputeGame } = network.contracts;
  const logs = await logsOf(network, network.book.contracts.DisputeGame);
  const opening = logs.findIndex((log) => parseEvent(log, DisputeGame, "GameOpened") !== undefined);
  const verdict = logs.findIndex((log) => parseEvent(log, DisputeGame, "GameWon") !== undefined);
  ensureCheck(verdict >= 0, "DEMO_NOT_CAUGHT", "nobody has won a game against the false claim");
  const hashes = new Set(logs.slice(opening, verdict + 1).map(({ transactionHash }) => transactionHash));
  const receipts = await Promise.all([...hashes].map((hash) => receiptOf(network, hash)));
  return { moves: hashes.size, gas: receipts.reduce((sum, receipt) => sum + (receipt?.gasUsed ?? 0n), 0n) };
}

async function slashOf(network: Network, operator: string): Promise<TransactionReceipt | undefined> {
  const { StakePool } = network.contracts;
  const logs = await logsOf(network, network.book.contracts.StakePool);
  const slash = logs.find((log) => parseEvent(log, StakePool, "StakeSlashed")?.operator === operator);
  return slash && (await receiptOf(network, slash.transactionHash));
}

/** What the registry has paid to the watcher. */
async function rewardOfWatcher(network: Network): Promise<bigint | undefined> {
  const { JobRegistry } = network.contracts;
  const { address } = await network.sender(ROLES.watcher);
  const logs = await logsOf(network, network.book.contracts.JobRegistry);
  const paid = logs.flatMap((log) => parseEvent(log, JobRegistry, "Withdrawn") ?? []);
  return paid.find(({ account }) => account === address)?.amountWei;
}

/** What the registry has burnt. */
async function burntBond(network: Network): Promise<bigint | undefined> {
  const { JobRegistry } = network.contracts;
  const logs = await logsOf(network, network.book.contracts.JobRegistry);
  return logs.flatMap((log) => parseEvent(log, JobRegistry, "Burnt") ?? [])[0]?.amountWei;
}

async function receiptOf({ chain }: Network, hash: string): Promise<TransactionReceipt | undefined> {
  return (await chain.provider.getTransactionReceipt(hash)) ?? undefined;
}

async function logsOf({ chain, book }: Network, address: string): Promise<Log[]> {
  const query = { address, topics: [] };
  return readLogs(chain.provider, query, book.startBlock, await chain.provider.getBlockNumber());
}
