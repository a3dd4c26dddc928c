import type { ExposureModel } from "./exposure-model.ts";
import { refuse } from "./refused.ts";
import type { StakeModel } from "./stake-model.ts";
import { type Clock, type Terms, NOBODY, entry, sum } from "./terms.ts";

interface Funding {
  readonly amountWei: bigint;
  partsLeft: bigint;
}

/** `carryScaled` is what the last epoch could not divide among its shares. */
interface Stream {
  readonly fundings: Funding[];
  generation: number;
  carryScaled: bigint;
}

interface Commission {
  readonly bps: bigint;
  readonly pendingBps: bigint;
  readonly pendingAt: bigint;
}

const SCALE = 1n << 120n;
const MAX_TOTAL_WEI = (1n << 112n) - 1n;

/** Rewards and commissions: each epoch's part is divided as it begins, funding by funding and user by user. */
export class RewardModel {
  readonly exposure: ExposureModel;
  readonly stake: StakeModel;
  readonly clock: Clock;
  readonly terms: Terms;
  readonly #streams = new Map<string, Stream>();
  readonly #commissions = new Map<string, Commission>();
  readonly #commissionWei = new Map<string, bigint>();
  readonly #earnedScaled = new Map<string, bigint>();
  readonly #claimedWei = new Map<string, bigint>();

  constructor(exposure: ExposureModel, stake: StakeModel) {
    this.exposure = exposure;
    this.stake = stake;
    this.clock = exposure.clock;
    this.terms = exposure.terms;
  }

  setCommission(operator: string, bps: bigint): void {
    refuse({
      OperatorRegistryNotOperator: !this.exposure.operators.has(operator),
      OperatorRegistryCommissionTooHigh: bps > 10_000n,
    });
    const present = this.commissionBps(operator);
    const pendingAt = this.clock.now + this.terms.delaySeconds;
    this.#commissions.set(
      operator,
      bps > present ? { bps: present, pendingBps: bps, pendingAt } : { bps, pendingBps: 0n, pendingAt: 0n },
    );
  }

  commissionBps(operator: string): bigint {
    const { bps, pendingBps, pendingAt } = this.#commissionOf(operator);
    return pendingAt !== 0n && pendingAt <= this.clock.now ? pendingBps : bps;
  }

  pendingCommission(operator: string): readonly [bigint, bigint] {
    const { pendingBps, pendingAt } = this.#commissionOf(operator);
    return pendingAt > this.clock.now ? [pendingBps, pendingAt] : [0n, 0n];
  }

  #commissionOf(operator: string): Commission {
    return this.#commissions.get(operator) ?? { bps: 0n, pendingBps: 0n, pendingAt: 0n };
  }

  fund(operator: string, amountWei: bigint): void {
    refuse({
      RewardStreamZeroAmount: amountWei === 0n,
      RewardStreamNotOperator: !this.exposure.operators.has(operator),
      RewardStreamTooMuch: amountWei > MAX_TOTAL_WEI - this.fundedWei(operator),
    });
    const commissionWei = (amountWei * this.commissionBps(operator)) / 10_000n;
    this.#commissionWei.set(operator, this.commissionOwedWei(operator) + commissionWei);
    if (commissionWei === amountWei) return;
    const generation = this.stake.generationOf(operator);
    const stream = entry(this.#streams, operator, () => ({ fundings: [], generation, carryScaled: 0n }));
    stream.generation = generation;
    stream.fundings.push({ amountWei: amountWei - commissionWei, partsLeft: this.terms.dripEpochs });
  }

  /** A deposit takes the stream along to its generation. */
  onDeposit(operator: string, generation: number): void {
    const stream = this.#streams.get(operator);
    if (stream !== undefined) stream.generation = generation;
  }

  /** Divides one epoch's part among those who hold shares as it begins. */
  beginEpoch(): void {
    for (const [operator, stream] of this.#streams) this.#divide(operator, stream);
  }

  #divide(operator: string, stream: Stream): void {
    const holders = this.stake.holders(operator, stream.generation);
    const total = sum(holders.map(([, shares]) => shares));
    if (total === 0n) return;
    const running = stream.fundings.filter((funding) => funding.partsLeft > 0n);
    for (const funding of running) funding.partsLeft--;
    const scaled = sum(running.map((funding) => funding.amountWei)) * SCALE + stream.carryScaled;
    stream.carryScaled = scaled % total;
    for (const [user, shares] of holders) {
      const key = `${operator}:${stream.generation}:${user}`;
      this.#earnedScaled.set(key, (this.#earnedScaled.get(key) ?? 0n) + shares * (scaled / total));
    }
  }

  fundedWei(operator: string): bigint {
    return sum((this.#streams.get(operator)?.fundings ?? []).map((funding) => funding.amountWei));
  }

  pendingWei(operator: string): bigint {
    const fundings = this.#streams.get(operator)?.fundings ?? [];
    return sum(fundings.map((funding) => funding.amountWei * funding.partsLeft)) / this.terms.dripEpochs;
  }

  nextDripWei(operator: string): bigint {
    const fundings = this.#streams.get(operator)?.fundings ?? [];
    const running = fundings.filter((funding) => funding.partsLeft > 0n);
    return sum(running.map((funding) => funding.amountWei)) / this.terms.dripEpochs;
  }

  claimableWei(operator: string, generation: number, user: string): bigint {
    const key = `${operator}:${generation}:${user}`;
    const earnedWei = (this.#earnedScaled.get(key) ?? 0n) / (SCALE * this.terms.dripEpochs);
    return earnedWei - (this.#claimedWei.get(key) ?? 0n);
  }

  commissionOwedWei(operator: string): bigint {
    return this.#commissionWei.get(operator) ?? 0n;
  }

  claim(operator: string, generation: number, user: string, receiver: string): void {
    const amountWei = this.claimableWei(operator, generation, user);
    refuse({ RewardStreamBadReceiver: receiver === NOBODY, RewardStreamNothingOwed: amountWei === 0n });
    const key = `${operator}:${generation}:${user}`;
    this.#claimedWei.set(key, (this.#claimedWei.get(key) ?? 0n) + amountWei);
  }

  claimCommission(operator: string, receiver: string): void {
    const owedWei = this.commissionOwedWei(operator);
    refuse({ RewardStreamBadReceiver: receiver === NOBODY, RewardStreamNothingOwed: owedWei === 0n });
    this.#commissionWei.set(operator, 0n);
  }
}
