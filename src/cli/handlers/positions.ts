import { chainTime } from "../../chain/read.ts";
import { readPositions, readWithdrawals } from "../../staking/positions.ts";
import { readRewards } from "../../staking/rewards.ts";
import { showTokens } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { accountNamed, historyOf, withSession } from "../session.ts";
import { formatTime, showTime } from "../times.ts";
import { optionalTextOf } from "../values.ts";
import { rewardLines } from "./rewards.ts";

/** Shows everything that an account has delegated, and what of it is on its way out. */
export const positions: Handler = async (context, values) => {
  await withSession(context, async (session) => {
    const { contracts, provider } = session;
    const account = await accountNamed(context, session, optionalTextOf(values, "account"));
    const history = historyOf(session, values);
    const held = await readPositions(contracts, history, account);
    const owed = await readRewards(contracts, history, account);
    const leaving = await readWithdrawals(contracts, history, account);
    const now = await chainTime(provider);
    const heldRows = held.map(({ operator, generation, isRetired, shares, valueWei }) => {
      const retired = isRetired ? ", retired: it can only leave" : "";
      return `${operator}  ${showTokens(valueWei)} (${shares} shares, generation ${generation}${retired})`;
    });
    const leavingRows = leaving.map(({ request, operator, valueWei, unlocksAt }) => {
      const state = unlocksAt <= now ? "can be claimed since" : "can be claimed from";
      return `request ${request}  ${showTokens(valueWei)} from ${operator}, ${state} ${showTime(unlocksAt, now)}`;
    });
    context.result(
      {
        account,
        positions: held,
        withdrawals: leaving.map(({ unlocksAt, ...rest }) => ({
          ...rest,
          unlocksAt: formatTime(unlocksAt),
          isUnlocked: unlocksAt <= now,
        })),
        ...owed,
      },
      [
        `delegated by ${account}: ${showTokens(sumOf(held))}`,
        ...heldRows.map((row) => `  ${row}`),
        `on the way out: ${showTokens(sumOf(leaving))}`,
        ...leavingRows.map((row) => `  ${row}`),
        ...rewardLines(account, owed),
      ].join("\n"),
    );
  });
};

function sumOf(parts: readonly { readonly valueWei: bigint }[]): bigint {
  return parts.reduce((sum, { valueWei }) => sum + valueWei, 0n);
}
