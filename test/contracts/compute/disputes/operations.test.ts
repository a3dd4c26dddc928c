import { expect } from "chai";

import { operationsOf } from "../../../../src/compute/dispute/execution.ts";
import type { Meddling } from "../../../../src/compute/dispute/detail.ts";
import type { Section } from "../../../../src/compute/program.ts";
import { Dice } from "../../../support/dice.ts";
import { everyOperation } from "../../../support/every-operation.ts";
import { makeClaim } from "../../../support/disputes/author.ts";
import { ledgerChange, readLedger } from "../../../support/disputes/ledger.ts";
import { defend, newestGame, watchClaim } from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage } from "../../../support/disputes/stage.ts";

const ROUNDS = 2;
const PARTS = 2;
const STEPS = 3;
const program = everyOperation(PARTS, STEPS);
/** What the random elements are drawn from: every run draws others, and the same seed the same ones again. */
const SEED = BigInt(process.env.GLASSBOX_TEST_SEED ?? Date.now());

/** Where each section's lie is told. */
const PLACES = {
  init: { section: "init", round: 0, part: 0 },
  step: { section: "step", round: 1, part: 1 },
  average: { section: "average", round: 0, part: 0 },
  allocate: { section: "allocate", round: 0, part: 0 },
} as const;

/** Which element of a tensor of so many. */
type Choice = (count: number) => number;

/** Alters one element of one operation of one step, and what the last operation of the last step wrote, so that it shows. */
function alter(operation: number, step: number, last: { operation: number; step: number }, choice: Choice): Meddling {
  return (written) => {
    const isTarget = written.operation === operation && written.step === step;
    const isLast = written.operation === last.operation && written.step === last.step;
    const { elements } = written;
    if (isTarget) alterElement(elements, choice(elements.length));
    else if (isLast) for (let at = 0; at < elements.length; at++) alterElement(elements, at);
    return undefined;
  };
}

/** One nearer to 0, which no bounds forbid; 0 becomes 1. */
function alterElement(elements: Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array, at: number): void {
  const value = Number(elements[at]);
  const other = value > 0 ? value - 1 : value + 1;
  if (elements instanceof BigInt64Array) elements[at] = BigInt(other);
  else elements[at] = other;
}

describe(`a lie about one element (GLASSBOX_TEST_SEED=${SEED})`, function () {
  this.timeout(600_000);

  let stage: DisputeStage;
  let jobId: bigint;
  let start: string;

  before(async () => {
    stage = await setStage();
    jobId = await stage.openJob(program, ROUNDS);
    start = await stage.snapshot();
  });

  beforeEach(async () => {
    await stage.revert(start);
    start = await stage.snapshot();
  });

  const dice = new Dice(SEED);
  for (const section of ["init", "step", "average", "allocate"] as const satisfies readonly Section[]) {
    const operations = operationsOf(program, section);
    operations.forEach(({ name }, operation) => {
      const drawn = dice.number(2 ** 32);
      for (const [place, choice] of [
        ["first", () => 0],
        ["last", (count) => count - 1],
        ["random", (count) => drawn % count],
      ] as const satisfies [string, Choice][]) {
        it(`costs its author bond and stake: ${place} element of ${section} ${operation}, ${name}`, async () => {
          const lastStep = section === "step" ? STEPS - 1 : 0;
          const last = { operation: operations.length - 1, step: lastStep };
          const meddling = alter(operation, section === "step" ? 1 : 0, last, choice);
          const claim = await makeClaim(stage, jobId, { at: PLACES[section], meddling });
          const before = await readLedger(stage);
          const rest = defend(stage, claim, { meddling });
          expect(await watchClaim(stage, jobId)).to.equal(true);
          await rest();
          const game = await newestGame(stage);
          expect([game.stage, game.operation]).to.deep.equal(["settled", operation]);
          expect(ledgerChange(before, await readLedger(stage))).to.deep.equal({
            author: TERMS.leaseBondWei,
            authorStake: -TERMS.coverageWei,
            challenger: TERMS.claimBondWei / 2n + TERMS.bountyWei,
            burnt: TERMS.claimBondWei - TERMS.claimBondWei / 2n + TERMS.coverageWei - TERMS.bountyWei,
          });
        });
      }
    });
  }
});
