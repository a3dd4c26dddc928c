import { ZeroAddress } from "ethers";

import { ensureInvariant } from "../../../src/core/errors.ts";
import { sameAddress } from "../../../src/crypto/address.ts";
import { PLAYERS, type DisputeStage, type Player } from "./stage.ts";

/** What everybody has, in the token's base units. */
export interface Ledger {
  /** Tokens of each player: in its account, owed to it by registry, game and desk, and bounties that the slasher has set aside for it. */
  readonly wealth: Readonly<Record<Player, bigint>>;
  /** Stake of the operators. */
  readonly stake: Readonly<Record<"author" | "worker", bigint>>;
  /** What was burnt or waits for it. */
  readonly burnt: bigint;
  /** What registry and game hold and owe to nobody yet: fees and bonds that are at stake. */
  readonly escrow: bigint;
}

/** What a game changes; nothing that is not named. */
export type LedgerChange = Partial<Record<Player, bigint>> & {
  readonly authorStake?: bigint;
  readonly workerStake?: bigint;
  readonly burnt?: bigint;
};

const BURN_ADDRESS = "0x000000000000000000000000000000000000dEaD";

/** Reads the ledger of one block, also while players move. */
export async function readLedger(stage: DisputeStage): Promise<Ledger> {
  const block = (): Promise<unknown> => stage.provider.send("eth_blockNumber", []);
  for (let before = await block(); ;) {
    const ledger = await readAll(stage);
    const after = await block();
    if (after === before) return ledger;
    before = after;
  }
}

async function readAll({ contracts, senders }: DisputeStage): Promise<Ledger> {
  const { Token, JobRegistry, DisputeGame, AuditDesk, Slasher, StakePool } = contracts;
  const owners = [JobRegistry, DisputeGame, AuditDesk] as const;
  const owedTo = async (address: string): Promise<bigint> => {
    const owed = await Promise.all(owners.map((owner) => owner.owedWei(address)));
    return owed.reduce((sum, wei) => sum + wei, 0n);
  };
  const punished = await Slasher.queryFilter(Slasher.filters.OffencePunished());
  const bounties = await Promise.all(
    punished.map(({ args }) => Slasher.bounty(args.serviceId, args.operator, args.offenceKey)),
  );
  const bountyOf = (address: string): bigint =>
    bounties.reduce((sum, bounty) => sum + (sameAddress(bounty.receiver, address) ? bounty.amountWei : 0n), 0n);
  const wealth = {} as Record<Player, bigint>;
  let owedWei = await owedTo(BURN_ADDRESS);
  const burnt = owedWei + (await Token.balanceOf(BURN_ADDRESS)) + (await StakePool.owedWei(ZeroAddress));
  for (const player of PLAYERS) {
    const { address } = senders[player];
    const owed = await owedTo(address);
    owedWei += owed;
    wealth[player] = owed + (await Token.balanceOf(address)) + bountyOf(address);
  }
  const held = await Promise.all(owners.map(async (owner) => Token.balanceOf(await owner.getAddress())));
  return {
    wealth,
    stake: {
      author: await StakePool.slashableOf(senders.author.address),
      worker: await StakePool.slashableOf(senders.worker.address),
    },
    burnt,
    escrow: held.reduce((sum, wei) => sum + wei, -owedWei),
  };
}

/** What has changed from one ledger to another. No token is gained or lost but by those that a ledger names. */
export function ledgerChange(before: Ledger, after: Ledger): LedgerChange {
  const lostWei = totalOf(before) - totalOf(after);
  ensureInvariant(
    lostWei === 0n,
    "TEST_LEDGER",
    `${lostWei} base units went to somebody whom the ledger does not know`,
  );
  const changes: Record<string, bigint> = {
    authorStake: after.stake.author - before.stake.author,
    workerStake: after.stake.worker - before.stake.worker,
    burnt: after.burnt - before.burnt,
  };
  for (const player of PLAYERS) changes[player] = after.wealth[player] - before.wealth[player];
  return Object.fromEntries(Object.entries(changes).filter(([, change]) => change !== 0n));
}

function totalOf({ wealth, stake, burnt, escrow }: Ledger): bigint {
  const all = [...Object.values(wealth), ...Object.values(stake), burnt, escrow];
  return all.reduce((sum, wei) => sum + wei, 0n);
}
