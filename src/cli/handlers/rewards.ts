import { eventsOf } from "../../chain/events.ts";
import { ensureInput } from "../../core/errors.ts";
import { claimTransactions, readRewards, type Rewards } from "../../staking/rewards.ts";
import { parseAddress, showTokens } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { accountNamed, historyOf, withSession } from "../session.ts";
import { transact } from "../transact.ts";
import { optionalOf, optionalTextOf } from "../values.ts";

/** Shows what an account's stake has earned, or pays it. */
export const rewards: Handler = async (context, values) => {
  const named = optionalOf(values, "to", parseAddress);
  const account = optionalTextOf(values, "account");
  if (values["claim"] !== true) {
    const isUnused = named === undefined && values["calldata"] !== true;
    ensureInput(isUnused, "CLI_OPTION_UNUSED", "--to and --calldata go with --claim");
    await withSession(context, async (session) => {
      const owner = await accountNamed(context, session, account);
      const owed = await readRewards(session.contracts, historyOf(session, values), owner);
      context.result({ account: owner, ...owed }, rewardLines(owner, owed).join("\n"));
    });
    return;
  }
  await transact(context, values, async (session) => {
    const { RewardStream } = session.contracts;
    const owner = session.from();
    const isOwner = account === undefined || parseAddress(account) === owner;
    ensureInput(isOwner, "STAKING_REWARDS_OF_ANOTHER", `rewards are claimed by who earned them, not by ${owner}`);
    const owed = await readRewards(session.contracts, historyOf(session, values), owner);
    const receiver = named ?? owner;
    const transactions = await claimTransactions(session.contracts, owed, receiver);
    ensureInput(transactions.length > 0, "STAKING_REWARDS_EMPTY", `${owner} has earned nothing that was not paid`);
    return {
      transactions,
      report: (receipts) => {
        const paid = [
          ...eventsOf(receipts, RewardStream, "RewardsClaimed"),
          ...eventsOf(receipts, RewardStream, "CommissionClaimed"),
        ];
        const amountWei = paid.reduce((sum, event) => sum + event.amountWei, 0n);
        context.result({ account: owner, receiver, amountWei }, `paid ${showTokens(amountWei)} to ${receiver}`);
      },
      next: `each pays what is owed when it is executed, to ${receiver}`,
    };
  });
};

/** Tells people what an account can claim. */
export function rewardLines(account: string, { rewards, commissionWei }: Rewards): string[] {
  const sumWei = rewards.reduce((sum, { claimableWei }) => sum + claimableWei, commissionWei);
  return [
    `rewards of ${account} to claim: ${showTokens(sumWei)}`,
    ...rewards.map(
      ({ operator, generation, claimableWei }) =>
        `  ${operator}  ${showTokens(claimableWei)} (generation ${generation})`,
    ),
    ...(commissionWei === 0n ? [] : [`  commission  ${showTokens(commissionWei)}`]),
  ];
}
