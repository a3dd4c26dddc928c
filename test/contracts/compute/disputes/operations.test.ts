import { expect } from "chai";

import { operationsOf } from "../../../../src/compute/dispute/execution.ts";
import type { Meddling } from "../../../../src/compute/dispute/detail.ts";
import type { Section } from "../../../../src/compute/program.ts";
import { everyOperation } from "../../../support/every-operation.ts";
import { makeClaim } from "../../../support/disputes/author.ts";
import { ledgerChange, readLedger } from "../../../support/disputes/ledger.ts";
import { defend, newestGame, watchClaim } from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage } from "../../../support/disputes/stage.ts";

const ROUNDS = 2;
const PARTS = 2;
const STEPS = 3;
const program = everyOperation(PARTS, STEPS);

/** Where each section's lie is told. */
const PLACES = {
  init: { section: "init", round: 0, part: 0 },
  step: { section: "step", round: 1, part: 1 },
  average: { section: "average", round: 0, part: 0 },
  allocate: { section: "allocate", round: 0, part: 0 },
} as const;

/** Alters one element of one operation of one step, and one of the last operation's last step, so that it shows. */
function alter(operation: number, step: number, last: { operation: number; step: number }, which: number): Meddling {
  return (written) => {
    const isTarget = written.operation === operation && written.step === step;
    const isLast = written.operation === last.operation && written.step === last.step;
    const { elements } = written;
    if (isTarget) flip(elements, Math.floor(which * (elements.length - 1)));
    else if (isLast) flip(elements, elements.length >> 1);
    return undefined;
  };
}

function flip(elements: Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array, at: number): void {
  if (elements instanceof BigInt64Array) elements[at] = (elements[at] as bigint) ^ 1n;
  else elements[at] = (elements[at] as number) ^ 1;
}

describe("a lie about one element", function () {
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

  for (const section of ["init", "step", "average", "allocate"] as const satisfies readonly Section[]) {
    const operations = operationsOf(program, section);
    operations.forEach(({ name }, operation) => {
      for (const [place, which] of [
        ["first", 0],
        ["last", 1],
        ["some", 0.6180339],
      ] as const) {
        it(`costs its author bond and stake: ${place} element of ${section} ${operation}, ${name}`, async () => {
          const lastStep = section === "step" ? STEPS - 1 : 0;
          const last = { operation: operations.length - 1, step: lastStep };
          const meddling = alter(operation, section === "step" ? 1 : 0, last, which);
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
            challenger: TERMS.claimBondWei / 2n,
            burnt: TERMS.claimBondWei - TERMS.claimBondWei / 2n,
          });
        });
      }
    });
  }
});
