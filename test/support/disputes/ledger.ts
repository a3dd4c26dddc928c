import { PLAYERS, type DisputeStage, type Player } from "./stage.ts";

/** What everybody has, in the token's base units. */
export interface Ledger {
  /** Tokens of each player: in its account, and owed to it by the registry and the game. */
  readonly wealth: Readonly<Record<Player, bigint>>;
  /** Stake of the operators. */
  readonly stake: Readonly<Record<"author" | "worker", bigint>>;
  /** What was burnt or waits for it. */
  readonly burnt: bigint;
}

/** What a game changes; nothing that is not named. */
export type LedgerChange = Partial<Record<Player, bigint>> & {
  readonly authorStake?: bigint;
  readonly workerStake?: bigint;
  readonly burnt?: bigint;
};

const BURN_ADDRESS = "0x000000000000000000000000000000000000dEaD";

/** Reads the ledger. */
export async function readLedger({ contracts, senders }: DisputeStage): Promise<Ledger> {
  const { Token, JobRegistry, DisputeGame, StakePool } = contracts;
  const wealthOf = async (address: string): Promise<bigint> =>
    (await Token.balanceOf(address)) + (await JobRegistry.owedWei(address)) + (await DisputeGame.owedWei(address));
  const wealth = {} as Record<Player, bigint>;
  for (const player of PLAYERS) wealth[player] = await wealthOf(senders[player].address);
  return {
    wealth,
    stake: {
      author: await StakePool.slashableOf(senders.author.address),
      worker: await StakePool.slashableOf(senders.worker.address),
    },
    burnt: await wealthOf(BURN_ADDRESS),
  };
}

/** What has changed from one ledger to another. */
export function ledgerChange(before: Ledger, after: Ledger): LedgerChange {
  const changes: Record<string, bigint> = {
    authorStake: after.stake.author - before.stake.author,
    workerStake: after.stake.worker - before.stake.worker,
    burnt: after.burnt - before.burnt,
  };
  for (const player of PLAYERS) changes[player] = after.wealth[player] - before.wealth[player];
  return Object.fromEntries(Object.entries(changes).filter(([, change]) => change !== 0n));
}
