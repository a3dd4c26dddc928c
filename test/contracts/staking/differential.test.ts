import { expect } from "chai";

import { Dice } from "../../support/dice.ts";
import { StakingChain } from "../../support/staking-chain.ts";
import { Refused } from "../../support/staking-model/refused.ts";
import { StakingModel } from "../../support/staking-model/staking-model.ts";
import { NOBODY, WAD } from "../../support/staking-model/terms.ts";
import {
  type Cast,
  type Move,
  World,
  createMove,
  depositMove,
  joinMove,
  magnitudeMove,
  seatMove,
} from "../../support/staking-moves.ts";
import { allViews, differences, show } from "../../support/staking-views.ts";

/** Small times, so that what happens in a run meets other delays and epochs. */
const TERMS = { delaySeconds: 1_000n, epochSeconds: 100n, dripEpochs: 8n };
const DEEP = process.env.GLASSBOX_FUZZ_DEEP === "1";
const RUNS = DEEP ? 100 : 10;
const MOVES_PER_RUN = 150;
const FIRST_SEED = 1n;
const GUARDIAN = 9;

/**
 * Plays the same random moves on the contracts and on the model, and compares every view after every move, and which error a move is
 * refused with. GLASSBOX_FUZZ_DEEP=1 plays ten times as many.
 */
describe("shared staking does what its model does", function () {
  this.timeout(DEEP ? 1_800_000 : 180_000);

  let chain: StakingChain;
  let cast: Cast;
  let start: string;

  before(async () => {
    chain = await StakingChain.deploy(TERMS, GUARDIAN);
    const [operators, users] = [chain.accounts.slice(1, 4), chain.accounts.slice(5, 7)];
    const [outsider, obligor, guardian, sink] = [4, 8, GUARDIAN, 10].map((i) => chain.accounts[i]!);
    cast = { operators, users, outsider: outsider!, obligor: obligor!, guardian: guardian!, sink: sink! };
    for (const account of [...operators, ...users, outsider!]) {
      await chain.send(account, "TokenMock", "mint", [account, 10n ** 36n]);
      for (const spender of ["StakePool", "RewardStream"] as const) {
        await chain.send(account, "TokenMock", "approve", [chain.addressOf(spender), 10n ** 36n]);
      }
    }
    start = await chain.snapshot();
  });

  for (let i = 0; i < RUNS; i++) {
    const seed = FIRST_SEED + BigInt(i);
    it(`with seed ${seed}`, () => play(seed));
  }

  async function play(seed: bigint): Promise<void> {
    await chain.revert(start);
    start = await chain.snapshot();
    const model = new StakingModel({ ...TERMS, guardian: cast.guardian }, await chain.now());
    const world = new World(model, chain, cast, new Dice(seed));
    const log: string[] = [];
    for (const move of opening(world)) await perform(world, move, model.clock.now, log);
    model.setTime(model.clock.now + TERMS.delaySeconds + TERMS.epochSeconds);
    for (let i = 0; i < MOVES_PER_RUN; i++) {
      const time = world.nextTime();
      model.setTime(time);
      await perform(world, world.draw(), time, log);
    }
  }

  async function perform(world: World, move: Move, time: bigint, log: string[]): Promise<void> {
    const { model } = world;
    await chain.setTime(time);
    const expected = outcomeOf(move);
    const { error } = await chain.send(move.from, move.part, move.name, move.args);
    log.push(`${time}: ${move.part}.${move.name}(${show(move.args)}) by ${move.from}: ${error ?? "done"}`);
    const agrees = expected.length === 0 ? error === undefined : expected.includes(error ?? "");
    const found = agrees ? [] : [`refused with ${error}, the model says ${expected.join(" or ") || "done"}`];
    const { delaySeconds, epochSeconds } = TERMS;
    const ages = [1n, time % epochSeconds, delaySeconds, world.dice.below(delaySeconds)];
    found.push(...(await differences(chain, allViews(world, time - world.dice.pick(ages)))));
    const { now } = model.clock;
    expect(found, `at ${now} after\n${log.join("\n")}\n`).to.deep.equal([]);
  }

  /** Two groups, one of them shared and one of its services capped; operators that are in all of them; stake. */
  function* opening({ model, chain: { verifier } }: World): Generator<Move> {
    const terms = {
      evidenceVerifier: verifier,
      maxObligationSeconds: 0n,
      seats: 0,
      obligor: cast.obligor,
      sink: NOBODY,
    };
    for (const operator of cast.operators) {
      yield {
        from: operator,
        part: "OperatorRegistry",
        name: "register",
        args: [chain.accounts[19 - chain.accounts.indexOf(operator)], ""],
        apply: () => {
          model.exposure.register(operator);
        },
      };
    }
    yield createMove(model, cast.obligor, { ...terms, groupId: 0, slashCapWad: WAD });
    yield createMove(model, cast.obligor, { ...terms, groupId: 0, slashCapWad: WAD });
    yield createMove(model, cast.obligor, { ...terms, groupId: 2, slashCapWad: WAD / 3n });
    yield createMove(model, cast.obligor, { ...terms, groupId: 0, slashCapWad: WAD / 2n, sink: cast.sink });
    yield createMove(model, cast.obligor, { ...terms, groupId: 1, slashCapWad: WAD, seats: 2 });
    for (const [i, operator] of cast.operators.entries()) {
      if (i < 2) yield seatMove(model, operator, 5, i);
      for (let service = 1; service <= 4; service++) yield joinMove(model, operator, service);
      for (let group = 1; group <= 3; group++) yield magnitudeMove(model, operator, group, (WAD * BigInt(i + 1)) / 10n);
      for (const user of [...cast.users, operator]) yield depositMove(model, user, operator, 10n ** 18n, 0n);
    }
  }
});

function outcomeOf(move: Move): readonly string[] {
  try {
    move.apply();
    return [];
  } catch (error) {
    if (error instanceof Refused) return error.errors;
    throw error;
  }
}
