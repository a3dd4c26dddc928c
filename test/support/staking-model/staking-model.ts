import { ExposureModel } from "./exposure-model.ts";
import { RewardModel } from "./reward-model.ts";
import { SlashModel } from "./slash-model.ts";
import { StakeModel } from "./stake-model.ts";
import type { Clock, Terms } from "./terms.ts";

/**
 * The economics of shared staking, written from the design and the contracts' interfaces: everything that ever happened is kept in lists,
 * and every value is computed by walking them.
 */
export class StakingModel {
  readonly clock: Clock;
  readonly exposure: ExposureModel;
  readonly stake: StakeModel;
  readonly slasher: SlashModel;
  readonly rewards: RewardModel;

  constructor(terms: Terms, now: bigint) {
    this.clock = { now };
    this.exposure = new ExposureModel(terms, this.clock);
    this.stake = new StakeModel(this.exposure);
    this.exposure.useShares((operator, t) => this.stake.liveSharesAt(operator, t));
    this.slasher = new SlashModel(this.exposure, this.stake);
    this.rewards = new RewardModel(this.exposure, this.stake);
    this.stake.onDeposit = (operator, generation) => {
      this.rewards.onDeposit(operator, generation);
    };
  }

  /** Lets time pass, and the epochs that it brings begin. */
  setTime(time: bigint): void {
    const { epochSeconds } = this.exposure.terms;
    for (let epoch = this.clock.now / epochSeconds; epoch < time / epochSeconds; epoch++) this.rewards.beginEpoch();
    this.clock.now = time;
  }

  /** Times to come at which something changes by itself. */
  milestones(): bigint[] {
    const { epochSeconds } = this.exposure.terms;
    const maturities = this.stake.requests.map((_, i) => this.stake.preview(i + 1).maturesAt);
    const nextEpoch = (this.clock.now / epochSeconds + 1n) * epochSeconds;
    const times = [nextEpoch, ...maturities, ...this.exposure.milestones(), ...this.slasher.milestones()];
    return times.filter((at) => at > this.clock.now);
  }
}
