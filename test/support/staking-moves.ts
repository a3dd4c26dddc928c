import { AbiCoder, ZeroHash, keccak256, toBeHex } from "ethers";

import type { Dice } from "./dice.ts";
import type { Part, StakingChain } from "./staking-chain.ts";
import type { ServiceTerms } from "./staking-model/exposure-model.ts";
import type { Verdict } from "./staking-model/slash-model.ts";
import type { StakingModel } from "./staking-model/staking-model.ts";
import { NOBODY, WAD } from "./staking-model/terms.ts";

/** One transaction, and what it does to the model. */
export interface Move {
  readonly from: string;
  readonly part: Part;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly apply: () => void;
}

/** Who takes part. An operator stakes with itself too; the outsider registers only by chance. */
export interface Cast {
  readonly operators: readonly string[];
  readonly users: readonly string[];
  readonly outsider: string;
  readonly obligor: string;
  readonly guardian: string;
  readonly sink: string;
}

export interface Offence {
  readonly service: number;
  readonly verdict: Verdict;
}

interface Commitment extends Offence {
  readonly reporter: string;
  readonly salt: string;
  readonly digest: string;
}

type Make = (world: World) => Move | undefined;

const CODER = AbiCoder.defaultAbiCoder();
const EVIDENCE = ["address", "bytes32", "uint48", "uint64", "address"];

/** Draws random moves for a model that stands as the chain does. */
export class World {
  readonly model: StakingModel;
  readonly chain: StakingChain;
  readonly cast: Cast;
  readonly dice: Dice;
  #offences = 0;
  /** Offences that verdicts were drawn for. */
  readonly offences: Offence[] = [];
  /** Evidence that somebody committed to. */
  readonly commitments: Commitment[] = [];

  constructor(model: StakingModel, chain: StakingChain, cast: Cast, dice: Dice) {
    this.model = model;
    this.chain = chain;
    this.cast = cast;
    this.dice = dice;
  }

  get everyone(): readonly string[] {
    return [...this.cast.operators, ...this.cast.users, this.cast.outsider];
  }

  /** A number that is mostly a service's, and sometimes one too many. */
  anyService(): number {
    return this.dice.number(this.model.exposure.services.length + (this.dice.oneIn(20) ? 2 : 0)) + 1;
  }

  anyGroup(): number {
    return this.dice.number(this.model.exposure.groupCount + (this.dice.oneIn(20) ? 2 : 0)) + 1;
  }

  anyOperator(): string {
    return this.dice.oneIn(20) ? this.cast.outsider : this.dice.pick(this.cast.operators);
  }

  anyGeneration(operator: string): number {
    const generation = this.model.stake.generationOf(operator);
    return this.dice.oneIn(4) ? this.dice.number(generation + 2) : generation;
  }

  /** A part of `whole`: all of it, next to all, some, or slightly too much. */
  part(whole: bigint): bigint {
    return this.dice.pick([whole, whole > 0n ? whole - 1n : 0n, whole + 1n, this.dice.below(whole + 1n), whole / 2n]);
  }

  nextOffence(): string {
    return toBeHex(++this.#offences, 32);
  }

  draw(): Move {
    const total = MOVES.reduce((sum, [weight]) => sum + weight, 0);
    for (;;) {
      let left = this.dice.number(total);
      const [, make] = MOVES.find(([weight]) => (left -= weight) < 0)!;
      const move = make(this);
      if (move !== undefined) return move;
    }
  }

  /** The time of the next block: often the same, or next to a second at which something changes. */
  nextTime(): bigint {
    const { now } = this.model.clock;
    const { epochSeconds } = this.model.exposure.terms;
    if (this.dice.oneIn(3)) return now;
    if (this.dice.oneIn(3)) return now + this.dice.below(epochSeconds / 4n);
    if (this.model.exposure.isPaused() && this.dice.oneIn(6)) return this.model.exposure.pausedUntil();
    const soon = this.model.milestones().sort((a, b) => Number(a - b));
    const time =
      this.dice.pick(this.dice.oneIn(6) ? soon.slice(0, 30) : soon.slice(0, 4)) + BigInt(this.dice.number(3)) - 1n;
    return time < now ? now : time;
  }
}

const register: Make = ({ model, cast, chain, dice }) => {
  const from = dice.pick([cast.outsider, ...cast.operators]);
  if (from === cast.outsider && !dice.oneIn(8)) return undefined;
  return {
    from,
    part: "OperatorRegistry",
    name: "register",
    args: [chain.accounts[19 - chain.accounts.indexOf(from)], ""],
    apply: () => {
      model.exposure.register(from);
    },
  };
};

const createService: Make = ({ model, cast, chain, dice }) => {
  if (model.exposure.services.length >= 9) return undefined;
  const { delaySeconds } = model.exposure.terms;
  const terms: ServiceTerms = {
    groupId: dice.number(model.exposure.groupCount + 2),
    evidenceVerifier: dice.oneIn(10) ? NOBODY : chain.verifier,
    maxObligationSeconds: dice.oneIn(10) ? delaySeconds + 1n : delaySeconds,
    seats: dice.pick([0, 0, 1, 2, dice.oneIn(4) ? 201 : 0]),
    obligor: cast.obligor,
    slashCapWad: dice.oneIn(10) ? dice.pick([0n, WAD + 1n]) : dice.pick([WAD, WAD / 5n]),
    sink: dice.oneIn(3) ? cast.sink : NOBODY,
  };
  return createMove(model, cast.obligor, terms);
};

export function createMove(model: StakingModel, from: string, terms: ServiceTerms): Move {
  const apply = (): void => {
    model.exposure.createService(terms);
  };
  return { from, part: "ServiceRegistry", name: "createService", args: [terms], apply };
}

const join: Make = (world) => {
  const [operator, id] = [world.anyOperator(), world.anyService()];
  return joinMove(world.model, operator, id);
};

export function joinMove(model: StakingModel, from: string, id: number): Move {
  const apply = (): void => {
    model.exposure.join(id, from);
  };
  return { from, part: "ServiceRegistry", name: "join", args: [id], apply };
}

const joinSeat: Make = (world) => {
  const { model, dice } = world;
  const [operator, id] = [world.anyOperator(), world.anyService()];
  const seats = model.exposure.services[id - 1]?.seats ?? 1;
  if (seats === 0 && !dice.oneIn(10)) return undefined;
  return seatMove(model, operator, id, dice.number(seats + (dice.oneIn(8) ? 1 : 0) || 1));
};

export function seatMove(model: StakingModel, from: string, id: number, seat: number): Move {
  const apply = (): void => {
    model.exposure.joinSeat(id, from, seat);
  };
  return { from, part: "ServiceRegistry", name: "joinSeat", args: [id, seat], apply };
}

const quit: Make = (world) => {
  const [from, id] = [world.anyOperator(), world.anyService()];
  const apply = (): void => {
    world.model.exposure.quit(id, from);
  };
  return { from, part: "ServiceRegistry", name: "quit", args: [id], apply };
};

const setMagnitude: Make = (world) => {
  const { model, dice } = world;
  const [operator, groupId] = [world.anyOperator(), world.anyGroup()];
  const old = model.exposure.magnitudeAt(groupId, operator, model.clock.now);
  const room = model.exposure.totalMagnitude(operator) - model.exposure.committedMagnitude(operator);
  const rises = [old + room, old + dice.below(room + 1n), old + (room + 1n) / 3n];
  const falls = [world.part(old), old / 2n, dice.below(old + 1n)];
  const refused = [old, old + room + 1n, WAD + 1n];
  const wad = dice.pick(dice.oneIn(6) ? refused : room > 0n && dice.oneIn(2) ? rises : falls);
  return magnitudeMove(model, operator, groupId, wad);
};

export function magnitudeMove(model: StakingModel, from: string, groupId: number, wad: bigint): Move {
  const apply = (): void => {
    model.exposure.setMagnitude(groupId, from, wad);
  };
  return { from, part: "ServiceRegistry", name: "setMagnitude", args: [groupId, wad], apply };
}

const settleMagnitude: Make = (world) => {
  const [from, operator, groupId] = [world.cast.outsider, world.anyOperator(), world.anyGroup()];
  const apply = (): void => {
    world.model.exposure.settleMagnitude(groupId, operator);
  };
  return { from, part: "ServiceRegistry", name: "settleMagnitude", args: [groupId, operator], apply };
};

const deposit: Make = (world) => {
  const { model, dice } = world;
  const [operator, user] = [world.anyOperator(), dice.pick(world.everyone)];
  const assetsWei = dice.oneIn(30) ? 0n : dice.size(96);
  const minShares = dice.oneIn(20) ? assetsWei * 2n : dice.oneIn(2) ? assetsWei : 0n;
  return depositMove(model, user, operator, assetsWei, minShares);
};

export function depositMove(
  model: StakingModel,
  from: string,
  operator: string,
  assetsWei: bigint,
  minShares: bigint,
): Move {
  const apply = (): void => {
    model.stake.deposit(operator, from, assetsWei, minShares);
  };
  return { from, part: "StakePool", name: "deposit", args: [operator, assetsWei, minShares], apply };
}

const request: Make = (world) => {
  const { model, dice } = world;
  const [operator, from] = [world.anyOperator(), dice.pick(world.everyone)];
  const generation = world.anyGeneration(operator);
  const held = model.stake.sharesIn(operator, generation, from);
  if (held === 0n && !dice.oneIn(10)) return undefined;
  const shares = world.part(held);
  const apply = (): void => {
    model.stake.requestWithdraw(operator, generation, from, shares);
  };
  const isPresent = generation === model.stake.generationOf(operator) && dice.oneIn(2);
  return isPresent
    ? { from, part: "StakePool", name: "requestWithdraw", args: [operator, shares], apply }
    : { from, part: "StakePool", name: "requestWithdrawFrom", args: [operator, generation, shares], apply };
};

const withdraw: Make = ({ model, dice, cast }) => {
  const { requests } = model.stake;
  const id = dice.number(requests.length + 1) + 1;
  const found = requests[id - 1];
  if ((found === undefined || found.paid) && !dice.oneIn(10)) return undefined;
  const from = found === undefined || dice.oneIn(10) ? cast.outsider : found.owner;
  const receiver = dice.oneIn(20) ? NOBODY : from;
  const apply = (): void => {
    model.stake.withdraw(id, from, receiver);
  };
  return { from, part: "StakePool", name: "withdraw", args: [id, receiver], apply };
};

const submit: Make = (world) => {
  const { model, dice } = world;
  const { service, verdict } = anyOffence(world);
  const from = dice.pick(world.everyone);
  const apply = (): void => {
    model.slasher.submit(service, verdict);
  };
  return { from, part: "Slasher", name: "submit", args: [service, encodeVerdict(verdict)], apply };
};

/** A new one, or one that was drawn before, perhaps with another verdict. */
function anyOffence(world: World): Offence {
  const { dice, offences } = world;
  const known = offences.length > 0 && dice.oneIn(4) ? dice.pick(offences) : undefined;
  if (known !== undefined && dice.oneIn(2)) return known;
  const operator = known?.verdict.operator ?? world.anyOperator();
  const verdict = anyVerdict(world, operator, known?.verdict.offenceKey ?? world.nextOffence());
  const offence = { service: known?.service ?? world.anyService(), verdict };
  offences.push(offence);
  return offence;
}

const commit: Make = (world) => {
  const { model, dice, commitments } = world;
  const reporter = dice.pick(world.everyone);
  const salt = toBeHex(dice.below(1n << 256n), 32);
  const { service, verdict } = anyOffence(world);
  const content = [service, keccak256(encodeVerdict(verdict)), reporter, salt];
  const digest = dice.oneIn(12)
    ? (commitments[0]?.digest ?? ZeroHash)
    : keccak256(CODER.encode(["uint32", "bytes32", "address", "bytes32"], content));
  const apply = (): void => {
    commitments.push({ service, verdict, reporter, salt, digest });
    model.slasher.commit(digest);
  };
  return { from: dice.pick(world.everyone), part: "Slasher", name: "commit", args: [digest], apply };
};

const report: Make = (world) => {
  const { model, dice, commitments } = world;
  const { delaySeconds } = model.exposure.terms;
  const fresh = commitments.filter(({ verdict }) => verdict.capturedAt + delaySeconds >= model.clock.now);
  const known = dice.oneIn(20) ? commitments : fresh.slice(-4);
  if (known.length === 0) return undefined;
  const { service, verdict, reporter, salt, digest } = dice.pick(known);
  const from = dice.oneIn(8) ? dice.pick(world.everyone) : reporter;
  const content = [service, keccak256(encodeVerdict(verdict)), from, salt];
  const own = keccak256(CODER.encode(["uint32", "bytes32", "address", "bytes32"], content));
  const apply = (): void => {
    model.slasher.report(service, verdict, from, from === reporter && own === digest ? digest : own);
  };
  return { from, part: "Slasher", name: "report", args: [service, encodeVerdict(verdict), salt], apply };
};

const claimBounty: Make = (world) => {
  const { model, dice, offences } = world;
  const owed = offences.filter((o) => model.slasher.bounty(o.service, o.verdict.operator, o.verdict.offenceKey));
  if (offences.length === 0) return undefined;
  const offence = dice.pick(owed.length > 0 && !dice.oneIn(10) ? owed : offences.slice(-5));
  const { service, verdict } = offence;
  const apply = (): void => {
    model.slasher.claimBounty(service, verdict.operator, verdict.offenceKey);
  };
  const args = [service, verdict.operator, verdict.offenceKey];
  return { from: dice.pick(world.everyone), part: "Slasher", name: "claimBounty", args, apply };
};

function anyVerdict(world: World, operator: string, offenceKey: string): Verdict {
  const { dice, model } = world;
  const { now } = model.clock;
  const { delaySeconds, epochSeconds } = model.exposure.terms;
  const ages = [0n, now % epochSeconds, (now % epochSeconds) + 1n, dice.below(epochSeconds), dice.below(delaySeconds)];
  const age = dice.pick([...ages, delaySeconds, dice.oneIn(4) ? delaySeconds + 1n : 0n, dice.oneIn(8) ? -1n : 0n]);
  const all = dice.pick([WAD, WAD, 1n + dice.below(WAD), dice.oneIn(8) ? 0n : WAD - 1n]);
  const wad = dice.oneIn(5) ? all : dice.pick([WAD / 10n, dice.size(59), 1n, WAD / 100n, 1n + dice.below(WAD / 4n)]);
  const beneficiary = dice.oneIn(6) ? dice.pick(world.everyone) : NOBODY;
  return { operator, offenceKey, capturedAt: now - age, wad, beneficiary };
}

function encodeVerdict({ operator, offenceKey, capturedAt, wad, beneficiary }: Verdict): string {
  return CODER.encode(EVIDENCE, [operator, offenceKey, capturedAt, wad, beneficiary]);
}

const reserve: Make = (world) => {
  const { model, dice, cast } = world;
  const [operator, service] = [world.anyOperator(), world.anyService()];
  const from = dice.oneIn(10) ? cast.outsider : cast.obligor;
  const known = service <= model.exposure.services.length;
  const amountWei = world.part(known ? model.stake.availableWei(service, operator) : 1n);
  const apply = (): void => {
    model.stake.reserve(service, operator, from, amountWei);
  };
  return { from, part: "StakePool", name: "reserve", args: [service, operator, amountWei], apply };
};

const release: Make = (world) => {
  const { model, dice, cast } = world;
  const [operator, service] = [world.anyOperator(), world.anyService()];
  const from = dice.oneIn(10) ? cast.outsider : cast.obligor;
  const amountWei = world.part(model.stake.reservedWei(service, operator));
  const apply = (): void => {
    model.stake.release(service, operator, from, amountWei);
  };
  return { from, part: "StakePool", name: "release", args: [service, operator, amountWei], apply };
};

const sweep: Make = ({ model, dice, cast }) => {
  const sink = dice.pick([NOBODY, cast.sink, cast.outsider]);
  const apply = (): void => {
    model.stake.sweep(sink);
  };
  return { from: cast.outsider, part: "StakePool", name: "sweep", args: [sink], apply };
};

const pause: Make = ({ model, dice, cast }) => {
  const from = dice.oneIn(2) ? cast.guardian : cast.outsider;
  const apply = (): void => {
    model.exposure.pause(from);
  };
  return { from, part: "ServiceRegistry", name: "pause", args: [], apply };
};

const donate: Make = ({ chain, dice, cast }) => ({
  from: cast.outsider,
  part: "TokenMock",
  name: "transfer",
  args: [chain.addressOf("StakePool"), dice.size(64)],
  apply: () => undefined,
});

const fund: Make = (world) => {
  const { model, dice } = world;
  const operator = world.anyOperator();
  const amountWei = dice.oneIn(20) ? 0n : dice.oneIn(20) ? 1n << 112n : dice.size(90);
  const apply = (): void => {
    model.rewards.fund(operator, amountWei);
  };
  return { from: dice.pick(world.everyone), part: "RewardStream", name: "fund", args: [operator, amountWei], apply };
};

const claim: Make = (world) => {
  const { model, dice } = world;
  const [operator, from] = [world.anyOperator(), dice.pick(world.everyone)];
  const generation = world.anyGeneration(operator);
  if (model.rewards.claimableWei(operator, generation, from) === 0n && !dice.oneIn(10)) return undefined;
  const receiver = dice.oneIn(20) ? NOBODY : from;
  const apply = (): void => {
    model.rewards.claim(operator, generation, from, receiver);
  };
  return { from, part: "RewardStream", name: "claim", args: [operator, generation, receiver], apply };
};

const claimCommission: Make = (world) => {
  const { model, dice } = world;
  const from = world.anyOperator();
  if (model.rewards.commissionOwedWei(from) === 0n && !dice.oneIn(10)) return undefined;
  const receiver = dice.oneIn(20) ? NOBODY : from;
  const apply = (): void => {
    model.rewards.claimCommission(from, receiver);
  };
  return { from, part: "RewardStream", name: "claimCommission", args: [receiver], apply };
};

const setCommission: Make = (world) => {
  const { model, dice } = world;
  const from = world.anyOperator();
  const bps = dice.oneIn(10) ? 10_001n : dice.pick([0n, 10_000n, dice.below(3_000n), dice.below(3_000n)]);
  const apply = (): void => {
    model.rewards.setCommission(from, bps);
  };
  return { from, part: "OperatorRegistry", name: "setCommission", args: [bps], apply };
};

const MOVES: readonly (readonly [number, Make])[] = [
  [1, register],
  [1, createService],
  [4, join],
  [7, joinSeat],
  [1, pause],
  [2, quit],
  [14, setMagnitude],
  [2, settleMagnitude],
  [8, deposit],
  [8, request],
  [12, withdraw],
  [14, submit],
  [5, commit],
  [8, report],
  [5, claimBounty],
  [4, reserve],
  [3, release],
  [2, sweep],
  [6, fund],
  [10, claim],
  [4, claimCommission],
  [2, setCommission],
  [1, donate],
];
