import { ensureInput } from "../../core/errors.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import { delegateStake, stakeValueWei } from "../../staking/operators.ts";
import { formatTime, formatTokens, parseAddress, parseCount, parseTokens } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSigningSession } from "../session.ts";
import { textOf } from "../values.ts";

/** Delegates tokens of the signing account to an operator. */
export const deposit: Handler = async (context, values) => {
  const operator = parseAddress(textOf(values, "operator"));
  const amountWei = parseTokens(textOf(values, "amount"));
  await withSigningSession(context, async ({ contracts, sender }) => {
    await delegateStake(contracts, sender, operator, amountWei);
    const text = `delegated ${formatTokens(amountWei)} to ${operator}`;
    context.result({ operator, amountWei }, text);
  });
};

/** Asks for shares back; prints the number of the request and when it can be claimed. */
export const withdraw: Handler = async (context, values) => {
  const operator = parseAddress(textOf(values, "operator"));
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { StakePool } = contracts;
    const held = await readChain(StakePool.sharesOf(operator, sender.address));
    const text = textOf(values, "shares");
    ensureInput(text === "all" || /^\d+$/.test(text), "CLI_SHARES_INVALID", "shares is a whole number, or all");
    const shares = text === "all" ? held : BigInt(text);
    ensureInput(held > 0n, "CLI_SHARES_INVALID", `${sender.address} holds no shares with ${operator}`);
    ensureInput(shares > 0n, "CLI_SHARES_INVALID", "shares is a whole number above zero, or all");
    ensureInput(shares <= held, "CLI_SHARES_INVALID", `${sender.address} holds ${held} shares, not ${shares}`);
    const receipt = await sender.send(StakePool.requestWithdraw.populateTransaction(operator, shares));
    const { withdrawalId } = eventOf(receipt, StakePool, "WithdrawalRequested");
    const [, maturesAt] = await readChain(StakePool.previewWithdraw(withdrawalId));
    const date = formatTime(maturesAt);
    context.result(
      { request: withdrawalId, operator, shares, maturesAt: date },
      `request ${withdrawalId}: claim it from ${date} on`,
    );
  });
};

/** Takes what a matured request pays. */
export const claim: Handler = async (context, values) => {
  const request = parseCount(textOf(values, "request"), "request", Number.MAX_SAFE_INTEGER);
  await withSigningSession(context, async ({ contracts, sender }) => {
    await sender.send(contracts.StakePool.withdraw.populateTransaction(request, sender.address));
    context.result({ request }, `request ${request} is paid to ${sender.address}`);
  });
};

/** Shows the shares of the signing account with an operator, and their present value. */
export const positions: Handler = async (context, values) => {
  const operator = parseAddress(textOf(values, "operator"));
  await withSigningSession(context, async ({ contracts, sender }) => {
    const shares = await readChain(contracts.StakePool.sharesOf(operator, sender.address));
    const valueWei = await stakeValueWei(contracts, operator, shares);
    context.result(
      { operator, shares, valueWei },
      `${shares} shares with ${operator}, worth ${formatTokens(valueWei)}`,
    );
  });
};
