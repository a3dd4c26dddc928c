import type { ExposureModel } from "./exposure-model.ts";
import { refuse } from "./refused.ts";
import type { StakeModel } from "./stake-model.ts";
import { WAD, ceilDiv, min, sum } from "./terms.ts";

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

/** Verdicts: every charge ever made is kept, and caps and nullifiers are sums over them. */
export class SlashModel {
  readonly exposure: ExposureModel;
  readonly stake: StakeModel;
  readonly #charges: Charge[] = [];

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

  submit(service: number, verdict: Verdict): bigint {
    const { operator, offenceKey, capturedAt, wad } = verdict;
    const { exposure, stake } = this;
    const { now } = exposure.clock;
    const { groupId, slashCapWad, sink } = exposure.service(service);
    const epoch = capturedAt / exposure.terms.epochSeconds;
    const leftOfCapWad = slashCapWad === WAD ? WAD : slashCapWad - this.usedWad(service, operator, epoch);
    const leftOfVerdictWad = wad - this.punishedWad(service, operator, offenceKey);
    refuse({
      SlasherInvalidWad: wad === 0n || wad > WAD,
      SlasherFutureOffence: capturedAt > now,
      SlasherExpiredOffence: capturedAt + exposure.terms.delaySeconds < now,
      SlasherNotMember:
        !exposure.isMemberAt(service, operator, capturedAt) || !exposure.isMemberAt(service, operator, now),
      SlasherAlreadyPunished: leftOfVerdictWad <= 0n,
      SlasherCapReached: leftOfCapWad === 0n,
    });

    const increaseWad = min(leftOfVerdictWad, leftOfCapWad);
    this.#charges.push({ service, operator, offenceKey, epoch, wad: increaseWad });
    exposure.jail(service, operator);
    exposure.settleMagnitude(groupId, operator);
    const baseWad = exposure.magnitudeBaseAt(groupId, operator, capturedAt);
    const lostWad = min(ceilDiv(baseWad * increaseWad, WAD), exposure.magnitudeAt(groupId, operator, now));
    if (lostWad === 0n) return 0n;
    const loss = stake.slash(operator, lostWad, exposure.totalMagnitude(operator), sink);
    exposure.slash(groupId, operator, lostWad, loss.retired);
    return loss.lossWei;
  }
}
