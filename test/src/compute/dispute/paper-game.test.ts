import { expect } from "chai";

import { fromHex, LEAF_BYTES, toHex } from "../../../../src/core/bytes.ts";
import { elementBytes, elementOffset } from "../../../../src/core/tensor.ts";
import { encodeCredits } from "../../../../src/compute/allocation.ts";
import { encodeProgram } from "../../../../src/compute/program-file.ts";
import { loadProgram } from "../../../../src/compute/validate.ts";
import { Detail, type Meddling } from "../../../../src/compute/dispute/detail.ts";
import { operationsOf, type Execution } from "../../../../src/compute/dispute/execution.ts";
import { lastState } from "../../../../src/compute/dispute/author-moves.ts";
import { initialWeights, runPart } from "../../../../src/compute/training.ts";
import { fileRoot, rootOfOpening } from "../../../../src/crypto/file-tree.ts";
import { smallJob, smallProgram } from "../../../support/small-training.ts";
import { byteOf, playOnPaper } from "../../../support/paper-game.ts";

describe("a game on paper", () => {
  const program = smallProgram({ stepsPerPart: 5 });
  const job = smallJob(program);
  const part: Execution = {
    program,
    section: "step",
    seed: job.seed,
    position: 5 * 4 * 2,
    data: job.data,
    weights: initialWeights(program, job.seed),
  };

  it("gives the same end as training does", async () => {
    const detail = await Detail.compute(part);
    expect(toHex(await detail.output())).to.equal(toHex(runPart(job, part.weights!, 0, 2)));
  });

  it("shows the last state by its leaf", async () => {
    const detail = await Detail.compute(part);
    const { leaf, siblings } = await lastState(detail);
    const leaves = (detail.slots / 8) * 8;
    const opening = { leaf: fromHex(leaf), siblings };
    expect(rootOfOpening(opening, 5 * (detail.slots / 8) - 1, leaves)).to.equal(detail.root);
    expect(toHex(opening.leaf.subarray(224))).to.equal(fileRoot(await detail.output()));
  });

  it("has the roots of the specification", async () => {
    const small = smallProgram();
    const first = { program: small, seed: job.seed, position: 0 };
    const init = await Detail.compute({ ...first, section: "init" });
    expect(init.root).to.equal("0x8959caf188b66749f53eae20b897e9815761073a0b83e74782273b7d619c50ef");
    const weights = await init.output();
    const step = await Detail.compute({ ...first, section: "step", data: job.data, weights });
    expect(step.root).to.equal("0x4124f8ef75c10db80329e591bdf5f67047506072b4cdc7d25d43f197f9c857e2");
    expect(fileRoot((await step.step(0)).record)).to.equal(
      "0x237cbbef8f44cbd625e79d50e31b81004c5fcfc25b8a44970ba3de8c706e40cc",
    );
  });

  it("gives the same steps to many that ask at once", async () => {
    const asked = [4, 1, 4, 0, 3];
    const alone = await Promise.all(asked.map(async (step) => (await Detail.compute(part)).step(step)));
    const shared = await Detail.compute(part);
    const together = await Promise.all(asked.map((step) => shared.step(step)));
    expect(together.map(({ record }) => toHex(record))).to.deep.equal(alone.map(({ record }) => toHex(record)));
  });

  it("takes as many moves in the hundredth round as in the first", async () => {
    const meddling: Meddling = ({ step, operation, elements }) => {
      if (step === 2 && operation === 3) elements[0] = Number(elements[0]) ^ 1;
      return undefined;
    };
    const moves = await Promise.all(
      [0, 99].map(async (round) => {
        const later = { ...part, position: round * 3 * 5 * 4 };
        return (await playOnPaper(await Detail.compute(later, { meddling }), await Detail.compute(later)))!.moves;
      }),
    );
    expect(moves[1]).to.equal(moves[0]);
  });

  it("finds no difference if there is none", async () => {
    expect(await playOnPaper(await Detail.compute(part), await Detail.compute(part))).to.equal(undefined);
  });

  operationsOf(program, "step").forEach(({ name }, operation) => {
    it(`finds one wrong element that operation ${operation}, ${name}, wrote in step 3`, async () => {
      const own = await Detail.compute(part);
      let at = -1;
      const meddling: Meddling = (written) => {
        if (written.step !== 3 || written.operation !== operation) return undefined;
        const { elements } = written;
        at = elements.length - 1;
        elements[at] = Number(elements[at]) ^ 1;
        return undefined;
      };
      const game = (await playOnPaper(await Detail.compute(part, { meddling }), own))!;
      const entry = program.tensors[operationsOf(program, "step")[operation]!.output]!;
      const row = Math.floor(at / entry.columns);
      expect([game.step, game.operation]).to.deep.equal([3, operation]);
      expect(byteOf(game, elementBytes(entry.type))).to.equal(elementOffset(entry, row, at % entry.columns));
      for (const { run } of game.proof.operands) expect(fromHex(run).length % LEAF_BYTES).to.equal(0);
    });
  });

  it("shows nothing of the terms, which the judge knows", async () => {
    const base = smallProgram();
    const terms = base.tensors.findIndex(({ role }) => role === "terms");
    const twice = { ...base.tensors[terms]!, role: "computed", highest: 2n ** 51n } as const;
    const add = base.operations.find(({ name, section }) => name === "add" && section === "allocate")!;
    const doubled = loadProgram(
      encodeProgram({
        ...base,
        tensors: [...base.tensors, twice],
        operations: [...base.operations, { ...add, operands: [terms, terms], output: base.tensors.length }],
      }),
    );
    const shares: Execution = {
      program: doubled,
      section: "allocate",
      seed: job.seed,
      position: 0,
      allocation: {
        records: new Uint8Array(37 * LEAF_BYTES),
        credits: encodeCredits([1, 1, 1]),
        terms: new BigInt64Array([1000n, 2500n, 2500n, 2500n, 2500n, 37n, 3n, 1n]),
        accounts: 3,
      },
    };
    const last = operationsOf(doubled, "allocate").length - 1;
    const meddling: Meddling = ({ operation, elements }) => {
      if (operation === last) (elements as BigInt64Array)[3] = 9n;
      return undefined;
    };
    const game = await playOnPaper(await Detail.compute(shares, { meddling }), await Detail.compute(shares));
    expect([game?.operation, game?.proof.operands]).to.deep.equal([last, []]);
  });
});
