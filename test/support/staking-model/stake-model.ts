import type { ExposureModel } from "./exposure-model.ts";
import { Refused, refuse } from "./refused.ts";
import { type Clock, NOBODY, RAY, WAD, ceilDiv, entry, max, min, sum } from "./terms.ts";

interface Change {
  readonly at: bigint;
  readonly value: bigint;
}

interface Generation {
  /** The second in which the one before retired. */
  readonly since: bigint;
  /** The index after each slash. */
  readonly indices: Change[];
  /** All active shares after each deposit and request. */
  readonly active: Change[];
  readonly shares: Map<string, bigint>;
}

export interface Request {
  readonly owner: string;
  readonly operator: string;
  readonly generation: number;
  readonly requestedAt: bigint;
  readonly shares: bigint;
  paid: boolean;
}

export interface Loss {
  readonly lossWei: bigint;
  readonly bountyWei: bigint;
  readonly retired: boolean;
}

const at = (changes: readonly Change[], t: bigint, before: bigint): bigint =>
  changes.findLast((change) => change.at <= t)?.value ?? before;

const newGeneration = (since: bigint): Generation => ({ since, indices: [], active: [], shares: new Map() });

/** Stake, shares, withdrawals, coverage and what slashes owe: every value is computed from the list of what happened. */
export class StakeModel {
  readonly clock: Clock;
  readonly exposure: ExposureModel;
  readonly requests: Request[] = [];
  readonly #generations = new Map<string, Generation[]>();
  readonly #reserved = new Map<string, bigint>();
  /** By sink, nobody's for what is to be burnt. */
  readonly #owed = new Map<string, bigint>();
  readonly #bounties = new Map<string, bigint>();
  onDeposit: (operator: string, generation: number) => void = () => undefined;
  slashedWei = 0n;
  /** All that the pool should hold. */
  balanceWei = 0n;

  constructor(exposure: ExposureModel) {
    this.exposure = exposure;
    this.clock = exposure.clock;
  }

  #all(operator: string): Generation[] {
    return entry(this.#generations, operator, () => [newGeneration(0n)]);
  }

  #one(operator: string, generation: number): Generation {
    return this.#all(operator)[generation] ?? newGeneration(0n);
  }

  generationOf(operator: string): number {
    return this.#all(operator).length - 1;
  }

  generationAt(operator: string, t: bigint): number {
    return this.#all(operator).findLastIndex((generation) => generation.since <= t);
  }

  liveSharesAt(operator: string, t: bigint): bigint {
    return this.activeSharesAt(operator, this.generationAt(operator, t), t);
  }

  indexAt(operator: string, generation: number, t: bigint): bigint {
    return at(this.#one(operator, generation).indices, t, RAY);
  }

  activeSharesAt(operator: string, generation: number, t: bigint): bigint {
    return at(this.#one(operator, generation).active, t, 0n);
  }

  sharesIn(operator: string, generation: number, user: string): bigint {
    return this.#one(operator, generation).shares.get(user) ?? 0n;
  }

  holders(operator: string, generation: number): readonly (readonly [string, bigint])[] {
    return [...this.#one(operator, generation).shares];
  }

  activeShares(operator: string): bigint {
    return this.activeSharesAt(operator, this.generationOf(operator), this.clock.now);
  }

  index(operator: string): bigint {
    return this.indexAt(operator, this.generationOf(operator), this.clock.now);
  }

  stakeOf(operator: string): bigint {
    return (this.activeShares(operator) * this.index(operator)) / RAY;
  }

  /** Active shares, and those whose request is at most one delay old, paid or not. */
  #slashableShares(operator: string): bigint {
    const generation = this.generationOf(operator);
    const leaving = this.requests.filter(
      (request) =>
        request.operator === operator &&
        request.generation === generation &&
        request.requestedAt + this.exposure.terms.delaySeconds >= this.clock.now,
    );
    return this.activeShares(operator) + sum(leaving.map((request) => request.shares));
  }

  slashableOf(operator: string): bigint {
    return (this.#slashableShares(operator) * this.index(operator)) / RAY;
  }

  deposit(operator: string, user: string, assetsWei: bigint, minShares: bigint): bigint {
    const shares = (assetsWei * RAY) / this.index(operator);
    refuse({
      StakePoolZeroAmount: assetsWei === 0n,
      StakePoolNotOperator: !this.exposure.operators.has(operator),
      StakePoolPaused: this.exposure.isPaused(),
      StakePoolSlippage: shares < minShares,
    });
    this.onDeposit(operator, this.generationOf(operator));
    this.#changeShares(operator, this.generationOf(operator), user, shares);
    this.balanceWei += assetsWei;
    return shares;
  }

  requestWithdraw(operator: string, generation: number, user: string, shares: bigint): number {
    refuse({
      StakePoolZeroAmount: shares === 0n,
      StakePoolInsufficientShares: shares > this.sharesIn(operator, generation, user),
    });
    this.#changeShares(operator, generation, user, -shares);
    const requestedAt = this.clock.now;
    return this.requests.push({ owner: user, operator, generation, requestedAt, shares, paid: false });
  }

  #changeShares(operator: string, generation: number, user: string, change: bigint): void {
    const { active, shares } = this.#one(operator, generation);
    shares.set(user, this.sharesIn(operator, generation, user) + change);
    active.push({ at: this.clock.now, value: this.activeSharesAt(operator, generation, this.clock.now) + change });
  }

  /** What a request pays by the slashes so far, and its first second. */
  preview(id: number): { readonly worthWei: bigint; readonly maturesAt: bigint } {
    const request = this.requests[id - 1]!;
    const pricedAt = request.requestedAt + this.exposure.terms.delaySeconds;
    const worthWei = (request.shares * this.indexAt(request.operator, request.generation, pricedAt)) / RAY;
    return { worthWei, maturesAt: pricedAt + 1n };
  }

  withdraw(id: number, caller: string, receiver: string): bigint {
    const request = this.requests[id - 1];
    refuse({ StakePoolZeroReceiver: receiver === NOBODY });
    if (request === undefined || request.paid || request.owner !== caller) throw new Refused(["StakePoolNotOwner"]);
    const { worthWei, maturesAt } = this.preview(id);
    refuse({ StakePoolNotMatured: this.clock.now < maturesAt });
    request.paid = true;
    this.balanceWei -= worthWei;
    return worthWei;
  }

  /** Takes `wad` of `totalWad` from the operator's stake. The index of a live generation is its total magnitude times 1e9. */
  slash(operator: string, wad: bigint, totalWad: bigint, sink: string): Loss {
    const generation = this.generationOf(operator);
    const oldIndex = this.index(operator);
    const newIndex = (oldIndex * (totalWad - wad)) / totalWad;
    const lossOf = (shares: bigint): bigint => max(0n, (shares * oldIndex) / RAY - ceilDiv(shares * newIndex, RAY));
    const lossWei = lossOf(this.#slashableShares(operator));
    const ownLossWei = (this.sharesIn(operator, generation, operator) * (oldIndex - newIndex)) / RAY;
    const bountyWei = min(lossWei / 20n, ownLossWei);
    this.#one(operator, generation).indices.push({ at: this.clock.now, value: newIndex });
    this.slashedWei += lossWei;
    this.#add(this.#owed, sink, lossWei - bountyWei);
    this.#add(this.#bounties, sink, bountyWei);
    const retired = newIndex < WAD;
    if (retired) this.#all(operator).push(newGeneration(this.clock.now));
    return { lossWei, bountyWei, retired };
  }

  #add(amounts: Map<string, bigint>, sink: string, amountWei: bigint): void {
    amounts.set(sink, (amounts.get(sink) ?? 0n) + amountWei);
  }

  payBounty(sink: string, amountWei: bigint): void {
    this.#add(this.#bounties, sink, -amountWei);
    this.balanceWei -= amountWei;
  }

  forgoBounty(sink: string, amountWei: bigint): void {
    this.#add(this.#bounties, sink, -amountWei);
    this.#add(this.#owed, sink, amountWei);
  }

  owedWei(sink: string): bigint {
    return this.#owed.get(sink) ?? 0n;
  }

  unpaidBountyWei(sink: string): bigint {
    return this.#bounties.get(sink) ?? 0n;
  }

  sweep(sink: string): bigint {
    const amountWei = this.owedWei(sink);
    this.#owed.set(sink, 0n);
    this.balanceWei -= amountWei;
    return amountWei;
  }

  reservedWei(service: number, operator: string): bigint {
    return this.#reserved.get(`${service}:${operator}`) ?? 0n;
  }

  reservedInGroupWei(groupId: number, operator: string): bigint {
    return sum(
      this.exposure.services.map((service, i) =>
        service.groupId === groupId ? this.reservedWei(i + 1, operator) : 0n,
      ),
    );
  }

  availableWei(service: number, operator: string): bigint {
    const { groupId } = this.exposure.service(service);
    if (!this.exposure.isObligable(service, operator)) return 0n;
    const exposedWei =
      (this.stakeOf(operator) * this.exposure.magnitudeCovering(groupId, operator)) /
      this.exposure.totalMagnitude(operator);
    return max(0n, exposedWei - this.reservedInGroupWei(groupId, operator));
  }

  reserve(service: number, operator: string, caller: string, amountWei: bigint): void {
    refuse({
      StakePoolNotObligor: caller !== this.exposure.service(service).obligor,
      StakePoolInsufficientStake: amountWei > this.availableWei(service, operator),
    });
    this.#reserved.set(`${service}:${operator}`, this.reservedWei(service, operator) + amountWei);
  }

  release(service: number, operator: string, caller: string, amountWei: bigint): void {
    refuse({
      StakePoolNotObligor: caller !== this.exposure.service(service).obligor,
      StakePoolReleaseExceedsReserve: amountWei > this.reservedWei(service, operator),
    });
    this.#reserved.set(`${service}:${operator}`, this.reservedWei(service, operator) - amountWei);
  }
}
