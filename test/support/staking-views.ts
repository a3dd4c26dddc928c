import type { StakingChain, ViewCall } from "./staking-chain.ts";
import type { Cast, World } from "./staking-moves.ts";
import type { StakingModel } from "./staking-model/staking-model.ts";
import { NOBODY } from "./staking-model/terms.ts";

/** What a view must answer. */
export interface View extends ViewCall {
  readonly expected: unknown;
}

/** Every view of the contracts at the present time, and for one operator those about the past at `earlier`. */
export function allViews(world: World, earlier: bigint): View[] {
  const { model, cast, dice } = world;
  const { now } = model.clock;
  const operators = [...cast.operators, cast.outsider];
  const remembered = dice.pick(operators);
  const timesOf = (operator: string): bigint[] => (operator === remembered ? [now, earlier] : [now]);
  return [
    ...operators.flatMap((operator) => operatorViews(model, operator, world.everyone, timesOf(operator))),
    ...operators.flatMap((operator) => rewardViews(model, operator, world.everyone)),
    ...operators.flatMap((operator) => exposureViews(model, operator, timesOf(operator))),
    ...withdrawalViews(model),
    ...offenceViews(world),
    ...rosterViews(model, [now, earlier]),
    ...deploymentViews(model, cast),
  ];
}

function operatorViews(model: StakingModel, operator: string, users: readonly string[], past: readonly bigint[]) {
  const { stake, exposure } = model;
  const last = stake.generationOf(operator);
  const views: View[] = [
    { part: "OperatorRegistry", name: "isOperator", args: [operator], expected: exposure.operators.has(operator) },
    pool("generationOf", [operator], BigInt(last)),
    pool("stakeOf", [operator], stake.stakeOf(operator)),
    pool("slashableOf", [operator], stake.slashableOf(operator)),
    registry("totalMagnitude", [operator], exposure.totalMagnitude(operator)),
    registry("committedMagnitude", [operator], exposure.committedMagnitude(operator)),
  ];
  for (let generation = Math.max(0, last - 1); generation <= last; generation++) {
    for (const t of past) {
      views.push(pool("indexAt", [operator, generation, t], stake.indexAt(operator, generation, t)));
      views.push(pool("activeSharesAt", [operator, generation, t], stake.activeSharesAt(operator, generation, t)));
      views.push(pool("generationAt", [operator, t], BigInt(stake.generationAt(operator, t))));
      views.push(pool("liveSharesAt", [operator, t], stake.liveSharesAt(operator, t)));
    }
    for (const user of users) {
      views.push(pool("sharesIn", [operator, generation, user], stake.sharesIn(operator, generation, user)));
    }
  }
  return views;
}

function rewardViews({ rewards, stake }: StakingModel, operator: string, users: readonly string[]): View[] {
  const stream = (name: string, args: readonly unknown[], expected: unknown): View => ({
    part: "RewardStream",
    name,
    args,
    expected,
  });
  const keys = (name: string, expected: unknown): View => ({
    part: "OperatorRegistry",
    name,
    args: [operator],
    expected,
  });
  const last = stake.generationOf(operator);
  const generations = last === 0 ? [0] : [last - 1, last];
  return [
    keys("commissionBpsOf", rewards.commissionBps(operator)),
    keys("pendingCommission", rewards.pendingCommission(operator)),
    stream("commissionOwedWei", [operator], rewards.commissionOwedWei(operator)),
    stream("fundedWei", [operator], rewards.fundedWei(operator)),
    stream("pendingWei", [operator], rewards.pendingWei(operator)),
    stream("nextDripWei", [operator], rewards.nextDripWei(operator)),
    ...generations.flatMap((generation) =>
      users.map((user) =>
        stream("claimableWei", [operator, generation, user], rewards.claimableWei(operator, generation, user)),
      ),
    ),
  ];
}

function exposureViews(model: StakingModel, operator: string, past: readonly bigint[]): View[] {
  const { exposure, stake, slasher } = model;
  const views: View[] = [];
  for (let group = 1; group <= exposure.groupCount; group++) {
    const pending = exposure.pendingMagnitude(group, operator);
    views.push(registry("pendingMagnitude", [group, operator], [pending.wad, pending.at]));
    views.push(registry("magnitudeCovering", [group, operator], exposure.magnitudeCovering(group, operator)));
    views.push(pool("reservedInGroupWei", [group, operator], stake.reservedInGroupWei(group, operator)));
    for (const t of past) {
      views.push(registry("magnitudeAt", [group, operator, t], exposure.magnitudeAt(group, operator, t)));
      views.push(registry("magnitudeBaseAt", [group, operator, t], exposure.magnitudeBaseAt(group, operator, t)));
    }
  }
  for (let service = 1; service <= exposure.services.length; service++) {
    views.push(registry("isObligable", [service, operator], exposure.isObligable(service, operator)));
    views.push(pool("availableWei", [service, operator], stake.availableWei(service, operator)));
    views.push(pool("reservedWei", [service, operator], stake.reservedWei(service, operator)));
    for (const t of past) {
      const epoch = t / exposure.terms.epochSeconds;
      const used = slasher.usedWad(service, operator, epoch);
      views.push({ part: "Slasher", name: "usedWad", args: [service, operator, epoch], expected: used });
      views.push(registry("isMemberAt", [service, operator, t], exposure.isMemberAt(service, operator, t)));
      views.push(registry("isJailedAt", [service, operator, t], exposure.isJailedAt(service, operator, t)));
      views.push(registry("weightAt", [service, operator, t], exposure.weightAt(service, operator, t)));
      views.push(registry("votingWeightAt", [service, operator, t], exposure.votingWeightAt(service, operator, t)));
    }
    views.push(registry("standingWeight", [service, operator], exposure.standingWeight(service, operator)));
  }
  return views;
}

function withdrawalViews(model: StakingModel): View[] {
  const { requests } = model.stake;
  return requests.flatMap((request, i) => {
    const { owner, operator, generation, requestedAt, shares, paid } = request;
    const stored = paid ? [NOBODY, 0n, 0n, NOBODY, 0n] : [owner, requestedAt, BigInt(generation), operator, shares];
    const views = [pool("withdrawal", [i + 1], stored)];
    const { worthWei, maturesAt } = model.stake.preview(i + 1);
    if (!paid) views.push(pool("previewWithdraw", [i + 1], [worthWei, maturesAt]));
    return views;
  });
}

function rosterViews(model: StakingModel, past: readonly bigint[]): View[] {
  const { exposure } = model;
  return exposure.services.flatMap((service, i) => {
    const id = i + 1;
    const joined = exposure.joined(id);
    const members = joined.filter((operator) => exposure.isMemberAt(id, operator, model.clock.now));
    const views = [registry("joinedCount", [id], BigInt(joined.length)), registry("members", [id, 0, 9], members)];
    for (let seat = 0; seat < service.seats; seat++) {
      for (const t of past) views.push(registry("seatAt", [id, seat, t], exposure.seatAt(id, seat, t)));
    }
    return views;
  });
}

/** What the last offences were charged, and their bounties. */
function offenceViews({ model, offences }: World): View[] {
  return offences.slice(-12).flatMap(({ service, verdict: { operator, offenceKey } }) => {
    if (service > model.exposure.services.length) return [];
    const args = [service, operator, offenceKey];
    const bounty = model.slasher.bounty(service, operator, offenceKey);
    const { account, committedAt } = bounty?.claim ?? { account: NOBODY, committedAt: 0n };
    const stored = [bounty?.amountWei ?? 0n, bounty?.closesAt ?? 0n, account, committedAt];
    const charged = model.slasher.punishedWad(service, operator, offenceKey);
    return [
      { part: "Slasher" as const, name: "punishedWad", args, expected: charged },
      { part: "Slasher" as const, name: "bounty", args, expected: stored },
    ];
  });
}

function deploymentViews(model: StakingModel, cast: Cast): View[] {
  const { exposure, stake } = model;
  return [
    pool("withdrawalCount", [], BigInt(stake.requests.length)),
    ...[NOBODY, cast.sink].flatMap((sink) => [
      pool("owedWei", [sink], stake.owedWei(sink)),
      pool("unpaidBountyWei", [sink], stake.unpaidBountyWei(sink)),
    ]),
    registry("isPaused", [], exposure.isPaused()),
    registry("pausedUntil", [], exposure.pausedUntil()),
    registry("serviceCount", [], BigInt(exposure.services.length)),
    registry("groupCount", [], BigInt(exposure.groupCount)),
    ...Array.from({ length: exposure.groupCount }, (_, i) =>
      registry("isGroupClosed", [i + 1], exposure.isGroupClosed(i + 1)),
    ),
    registry("guardian", [], cast.guardian),
  ];
}

const pool = (name: string, args: readonly unknown[], expected: unknown): View => ({
  part: "StakePool",
  name,
  args,
  expected,
});

const registry = (name: string, args: readonly unknown[], expected: unknown): View => ({
  part: "ServiceRegistry",
  name,
  args,
  expected,
});

/** The views that answer otherwise than the model. */
export async function differences(chain: StakingChain, views: readonly View[]): Promise<string[]> {
  const answers = await chain.views(views);
  return views.flatMap(({ part, name, args, expected }, i) => {
    const [actual, modelled] = [show(answers[i]), show(expected)];
    return actual === modelled ? [] : [`${part}.${name}(${args.join(", ")}) is ${actual}, the model says ${modelled}`];
  });
}

export function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(show).join(", ")}]` : String(value);
}
