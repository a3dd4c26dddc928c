import type { Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { findEvents, type History } from "../chain/event-search.ts";
import { chainTime, readChain } from "../chain/read.ts";

/** The index of a pool that was never slashed. */
const INDEX_ONE = 10n ** 27n;

/** Shares of one account in one generation of an operator. */
export interface Position {
  readonly operator: string;
  readonly generation: bigint;
  /** Heavy slashing has ended this generation; what it still holds can only leave. */
  readonly isRetired: boolean;
  readonly shares: bigint;
  /** What they are worth now, rounded down. */
  readonly valueWei: bigint;
}

/** Shares that asked to leave and were not paid yet. */
export interface OpenWithdrawal {
  readonly request: bigint;
  readonly owner: string;
  readonly operator: string;
  readonly generation: bigint;
  readonly shares: bigint;
  /** What they are worth by the slashes so far. Those before `unlocksAt` count, later ones do not. */
  readonly valueWei: bigint;
  /** The first second at which the request is paid. */
  readonly unlocksAt: bigint;
}

/** The operators and generations that an account has ever delegated to. */
export async function findDelegations(
  { StakePool }: Contracts,
  history: History,
  account: string,
): Promise<{ readonly operator: string; readonly generation: bigint }[]> {
  const deposits = await findEvents(StakePool, history, "Deposited", [null, account]);
  const found = new Map(
    deposits.map(({ operator, generation }) => [`${operator}:${generation}`, { operator, generation }]),
  );
  return [...found.values()];
}

/** Everything that an account has with any operator, in any generation. */
export async function readPositions(contracts: Contracts, history: History, account: string): Promise<Position[]> {
  const positions: Position[] = [];
  for (const { operator, generation } of await findDelegations(contracts, history, account))
    positions.push(await readPosition(contracts, history.provider, account, operator, generation));
  return positions.filter(({ shares }) => shares > 0n);
}

/** An account's shares in one generation of an operator. */
export async function readPosition(
  { StakePool }: Contracts,
  provider: Provider,
  account: string,
  operator: string,
  generation: bigint,
): Promise<Position> {
  const now = await chainTime(provider);
  const [shares, index, present] = await readChain(
    Promise.all([
      StakePool.sharesIn(operator, generation, account),
      StakePool.indexAt(operator, generation, now),
      StakePool.generationOf(operator),
    ]),
  );
  const valueWei = (shares * index) / INDEX_ONE;
  return { operator, generation, isRetired: generation < present, shares, valueWei };
}

/** The shares of a position that are worth an amount, rounded down; all of them for all of its value. */
export function sharesWorth({ shares, valueWei }: Position, amountWei: bigint): bigint {
  return valueWei === 0n ? 0n : (shares * amountWei) / valueWei;
}

/** The requests of an account that were not paid yet. */
export async function readWithdrawals(
  contracts: Contracts,
  history: History,
  account: string,
): Promise<OpenWithdrawal[]> {
  const requested = await findEvents(contracts.StakePool, history, "WithdrawalRequested", [null, null, account]);
  const open: OpenWithdrawal[] = [];
  for (const { withdrawalId } of requested) {
    const withdrawal = await readWithdrawal(contracts, withdrawalId);
    if (withdrawal) open.push(withdrawal);
  }
  return open;
}

/** One request, or undefined if it was paid or never made. */
export async function readWithdrawal({ StakePool }: Contracts, request: bigint): Promise<OpenWithdrawal | undefined> {
  const [{ owner, operator, generation, shares }, [valueWei, unlocksAt]] = await readChain(
    Promise.all([StakePool.withdrawal(request), StakePool.previewWithdraw(request)]),
  );
  return shares === 0n ? undefined : { request, owner, operator, generation, shares, valueWei, unlocksAt };
}
