import type { ContractTransaction } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import type { History } from "../chain/event-search.ts";
import { readChain } from "../chain/read.ts";
import { findDelegations } from "./positions.ts";

/** What an account's shares of one generation of an operator have earned and not been paid. */
export interface Reward {
  readonly operator: string;
  readonly generation: bigint;
  readonly claimableWei: bigint;
}

/** Everything that is owed to an account. */
export interface Rewards {
  /** Without those that are zero; also of shares that have left since. */
  readonly rewards: readonly Reward[];
  /** For an operator. */
  readonly commissionWei: bigint;
}

/** Reads what an account can claim now. */
export async function readRewards(contracts: Contracts, history: History, account: string): Promise<Rewards> {
  const { RewardStream } = contracts;
  const rewards: Reward[] = [];
  for (const { operator, generation } of await findDelegations(contracts, history, account)) {
    const claimableWei = await readChain(RewardStream.claimableWei(operator, generation, account));
    if (claimableWei > 0n) rewards.push({ operator, generation, claimableWei });
  }
  return { rewards, commissionWei: await readChain(RewardStream.commissionOwedWei(account)) };
}

/** One claim for each of the account's rewards, and one for its commission. */
export function claimTransactions(
  { RewardStream }: Contracts,
  { rewards, commissionWei }: Rewards,
  to: string,
): Promise<ContractTransaction[]> {
  return Promise.all([
    ...rewards.map(({ operator, generation }) => RewardStream.claim.populateTransaction(operator, generation, to)),
    ...(commissionWei === 0n ? [] : [RewardStream.claimCommission.populateTransaction(to)]),
  ]);
}
