import type { ExposureModel } from "./exposure-model.ts";
import { refuse } from "./refused.ts";
import type { StakeModel } from "./stake-model.ts";
import { NOBODY, WAD, ceilDiv, min, sum } from "./terms.ts";

/** What a verifier answers. */
export interface Verdict {
  readonly operator: string;
  readonly offenceKey: string;
  readonly capturedAt: bigint;
  readonly wad: bigint;
  readonly beneficiary: string;
}

interface Charge {
  readonly service: number;
  readonly operator: string;
  readonly offenceKey: string;
  readonly epoch: bigint;
  readonly wad: bigint;
}

interface Claim {
  readonly account: string;
  /** 0 for a beneficiary. */
  readonly committedAt: bigint;
}

export interface Bounty {
  amountWei: bigint;
  readonly closesAt: bigint;
  claim: Claim | undefined;
}

/** Verdicts: every charge ever made is kept, and caps and nullifiers are sums over them. */
export class SlashModel {
  readonly exposure: ExposureModel;
  readonly stake: StakeModel;
  readonly #charges: Charge[] = [];
  readonly #bounties = new Map<string, Bounty>();
  readonly #commitments = new Map<string, bigint>();

  constructor(exposure: ExposureModel, stake: StakeModel) {
    this.exposure = exposure;
    this.stake = stake;
  }

  punishedWad(service: number, operator: string, offenceKey: string): bigint {
    return this.#charged(service, operator, (charge) => charge.offenceKey === offenceKey);
  }

  /** Not kept for a service without a cap. */
  usedWad(service: number, operator: string, epoch: bigint): bigint {
    if (this.exposure.service(service).slashCapWad === WAD) return 0n;
    return this.#charged(service, operator, (charge) => charge.epoch === epoch);
  }

  #charged(service: number, operator: string, counts: (charge: Charge) => boolean): bigint {
    const charges = this.#charges.filter((charge) => charge.service === service && charge.operator === operator);
    return sum(charges.filter(counts).map((charge) => charge.wad));
  }

  commit(commitment: string): void {
    if (!this.#commitments.has(commitment)) this.#commitments.set(commitment, this.exposure.clock.now);
  }

  committedAt(commitment: string): bigint {
    return this.#commitments.get(commitment) ?? 0n;
  }

  bounty(service: number, operator: string, offenceKey: string): Bounty | undefined {
    return this.#bounties.get(`${service}:${operator}:${offenceKey}`);
  }

  submit(service: number, verdict: Verdict): void {
    refuse({ ...this.#objections(service, verdict), ...this.#exhausted(service, verdict) });
    this.#punish(service, verdict);
  }

  /** Submits and claims the bounty for `reporter`, who must have committed to the evidence. */
  report(service: number, verdict: Verdict, reporter: string, commitment: string): void {
    const { now } = this.exposure.clock;
    const committedAt = this.committedAt(commitment);
    const exhausted = this.#exhausted(service, verdict);
    const adds = !Object.values(exhausted).includes(true);
    const bounty = this.bounty(service, verdict.operator, verdict.offenceKey);
    const wins = bounty !== undefined && now < bounty.closesAt && precedes(committedAt, bounty.claim);
    refuse({
      ...this.#objections(service, verdict),
      ...(wins ? {} : exhausted),
      SlasherCommitmentNotInForce: committedAt < verdict.capturedAt || committedAt >= now,
    });
    if (adds) this.#punish(service, verdict);
    const open = this.bounty(service, verdict.operator, verdict.offenceKey);
    if (open === undefined || now >= open.closesAt || !precedes(committedAt, open.claim)) return;
    open.claim = { account: reporter, committedAt };
  }

  claimBounty(service: number, operator: string, offenceKey: string): void {
    const bounty = this.bounty(service, operator, offenceKey);
    refuse({
      SlasherNoBounty: bounty === undefined,
      SlasherWindowOpen: bounty !== undefined && this.exposure.clock.now < bounty.closesAt,
    });
    this.#bounties.delete(`${service}:${operator}:${offenceKey}`);
    const { sink } = this.exposure.service(service);
    if (bounty!.claim === undefined) this.stake.forgoBounty(sink, bounty!.amountWei);
    else this.stake.payBounty(sink, bounty!.amountWei);
  }

  /** When a bounty's window closes. */
  milestones(): bigint[] {
    return [...this.#bounties.values()].map((bounty) => bounty.closesAt);
  }

  #objections(service: number, { operator, capturedAt, wad }: Verdict): Record<string, boolean> {
    const { exposure } = this;
    const { now } = exposure.clock;
    exposure.service(service);
    return {
      SlasherInvalidWad: wad === 0n || wad > WAD,
      SlasherFutureOffence: capturedAt > now,
      SlasherExpiredOffence: capturedAt + exposure.terms.delaySeconds < now,
      SlasherNotMember:
        !exposure.isMemberAt(service, operator, capturedAt) || !exposure.isMemberAt(service, operator, now),
    };
  }

  /** Reasons why a verdict adds nothing. */
  #exhausted(service: number, { operator, offenceKey, capturedAt, wad }: Verdict): Record<string, boolean> {
    return {
      SlasherAlreadyPunished: this.punishedWad(service, operator, offenceKey) >= wad,
      SlasherCapReached: this.#leftOfCap(service, operator, capturedAt) === 0n,
    };
  }

  #leftOfCap(service: number, operator: string, capturedAt: bigint): bigint {
    const { slashCapWad } = this.exposure.service(service);
    if (slashCapWad === WAD) return WAD;
    return slashCapWad - this.usedWad(service, operator, capturedAt / this.exposure.terms.epochSeconds);
  }

  #punish(service: number, verdict: Verdict): void {
    const { operator, offenceKey, capturedAt, beneficiary } = verdict;
    const { exposure, stake } = this;
    const { groupId, sink } = exposure.service(service);
    const openWad = verdict.wad - this.punishedWad(service, operator, offenceKey);
    const wad = min(openWad, this.#leftOfCap(service, operator, capturedAt));
    this.#charges.push({ service, operator, offenceKey, epoch: capturedAt / exposure.terms.epochSeconds, wad });
    exposure.jail(service, operator);
    exposure.settleMagnitude(groupId, operator);
    const baseWad = exposure.magnitudeBaseAt(groupId, operator, capturedAt);
    const lostWad = min(ceilDiv(baseWad * wad, WAD), exposure.magnitudeAt(groupId, operator, exposure.clock.now));
    if (lostWad === 0n) return;
    const { bountyWei, retired } = stake.slash(operator, lostWad, exposure.totalMagnitude(operator), sink);
    exposure.slash(groupId, operator, lostWad, retired);
    if (bountyWei > 0n) this.#setAside(`${service}:${operator}:${offenceKey}`, bountyWei, beneficiary);
  }

  #setAside(offence: string, bountyWei: bigint, beneficiary: string): void {
    const { clock, terms } = this.exposure;
    const bounty = this.#bounties.get(offence) ?? {
      amountWei: 0n,
      closesAt: clock.now + terms.epochSeconds,
      claim: undefined,
    };
    bounty.amountWei += bountyWei;
    if (beneficiary !== NOBODY && precedes(0n, bounty.claim)) bounty.claim = { account: beneficiary, committedAt: 0n };
    this.#bounties.set(offence, bounty);
  }
}

const precedes = (committedAt: bigint, claim: Claim | undefined): boolean =>
  claim === undefined || committedAt < claim.committedAt;
