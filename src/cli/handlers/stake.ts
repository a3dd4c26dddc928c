import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { depositTransactions, permitDeposit } from "../../staking/deposits.ts";
import { readPosition, readWithdrawal, sharesWorth } from "../../staking/positions.ts";
import { parseAddress, parseCount, parseId, parseTokens, showTokens } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { ensureOperator } from "../operators.ts";
import { formatTime, showDuration, showTime } from "../times.ts";
import { transact } from "../transact.ts";
import { optionalOf, textOf } from "../values.ts";

const MAX_GENERATION = 2 ** 32 - 1;

/** Delegates tokens to an operator: with a permit if the token takes one, or else with an allowance. */
export const deposit: Handler = async (context, values) => {
  const operator = parseAddress(textOf(values, "operator"));
  const amountWei = parseTokens(textOf(values, "amount"));
  await transact(context, values, async ({ contracts, wallet }) => {
    await ensureOperator(contracts, operator);
    const request = { operator, amountWei };
    const wantsPermit = wallet !== undefined && values["approve"] !== true;
    const permitted = wantsPermit ? await permitDeposit(contracts, wallet, request) : undefined;
    return {
      transactions: permitted ? [permitted] : await depositTransactions(contracts, request),
      report: (receipts) => {
        const { owner, generation, shares } = eventOf(receipts, contracts.StakePool, "Deposited");
        context.result(
          { operator, owner, amountWei, generation, shares },
          `delegated ${showTokens(amountWei)} to ${operator} for ${shares} shares`,
        );
      },
      next: "then `glassbox stake positions <account>` shows the shares",
    };
  });
};

/** Asks for stake back; prints the number of the request and when it can be claimed. */
export const withdraw: Handler = async (context, values) => {
  const operator = parseAddress(textOf(values, "operator"));
  const text = textOf(values, "amount");
  const amountWei = text === "all" ? undefined : parseTokens(text);
  const named = optionalOf(values, "generation", (digits) => parseCount(digits, "--generation", MAX_GENERATION));
  await transact(context, values, async ({ contracts, provider, from }) => {
    const { StakePool } = contracts;
    const owner = from();
    const generation = named === undefined ? await readChain(StakePool.generationOf(operator)) : BigInt(named);
    const position = await readPosition(contracts, provider, owner, operator, generation);
    const { valueWei } = position;
    const held = `${owner} has ${showTokens(valueWei)} with ${operator} in generation ${generation}`;
    ensureInput(position.shares > 0n, "STAKING_POSITION_EMPTY", held, {
      hint: "`glassbox stake positions <account>` shows what an account has with whom",
    });
    const isCovered = amountWei === undefined || amountWei <= valueWei;
    ensureInput(isCovered, "STAKING_POSITION_EXCEEDED", held, { details: { valueWei, amountWei } });
    const shares = amountWei === undefined ? position.shares : sharesWorth(position, amountWei);
    const delaySeconds = await readChain(contracts.ServiceRegistry.delaySeconds());
    return {
      transactions: [await StakePool.requestWithdrawFrom.populateTransaction(operator, generation, shares)],
      report: async (receipts) => {
        const { withdrawalId: request } = eventOf(receipts, StakePool, "WithdrawalRequested");
        const [, unlocksAt] = await readChain(StakePool.previewWithdraw(request));
        context.result(
          { request, operator, generation, shares, unlocksAt: formatTime(unlocksAt) },
          `request ${request}: \`glassbox stake claim ${request}\` pays it from ${showTime(unlocksAt, await chainTime(provider))} on`,
        );
      },
      next: `then \`glassbox stake positions ${owner}\` shows the number of the request, which can be claimed ${showDuration(delaySeconds)} later`,
    };
  });
};

/** Takes what a request pays, once its delay is over. */
export const claim: Handler = async (context, values) => {
  const request = parseId(textOf(values, "request"), "request");
  const named = optionalOf(values, "to", parseAddress);
  await transact(context, values, async ({ contracts, provider, wallet }) => {
    const { StakePool } = contracts;
    const withdrawal = await readWithdrawal(contracts, request);
    ensureInput(withdrawal !== undefined, "CLI_NOT_FOUND", `there is no open request ${request}`, {
      hint: "it was paid, or never made; `glassbox stake positions <account>` shows those that are open",
    });
    const { owner, unlocksAt } = withdrawal;
    const isOwner = wallet === undefined || sameAddress(wallet.address, owner);
    ensureInput(isOwner, "STAKING_REQUEST_OF_ANOTHER", `request ${request} is of ${owner}`);
    const now = await chainTime(provider);
    const unlocks = `request ${request} can be claimed from ${showTime(unlocksAt, now)} on`;
    // What is only printed may be executed later.
    ensureInput(wallet === undefined || now >= unlocksAt, "STAKING_REQUEST_LOCKED", unlocks, {
      details: { request, unlocksAt: formatTime(unlocksAt) },
    });
    const receiver = named ?? owner;
    return {
      transactions: [await StakePool.withdraw.populateTransaction(request, receiver)],
      report: (receipts) => {
        const { assetsWei } = eventOf(receipts, StakePool, "Withdrawn");
        const text = `request ${request}: paid ${showTokens(assetsWei)} to ${receiver}`;
        context.result({ request, receiver, assetsWei }, text);
      },
      next: `${unlocks}, by ${owner}`,
    };
  });
};
