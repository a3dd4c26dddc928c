import { expect } from "chai";
import fc from "fast-check";

import { mlp } from "../../../src/compute/networks/mlp.ts";
import { joinSections, SectionBuilder } from "../../../src/compute/program-builder.ts";
import { SectionRun } from "../../../src/compute/section-run.ts";
import { allocateSection } from "../../../src/compute/section-memory.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallProgram } from "../../support/small-training.ts";
import { trainSteps } from "../../support/train-steps.ts";

const SAMPLES = 23;

describe("SectionRun", () => {
  it("trains networks of any shape to the same bits on all faces", () => {
    const size = fc.oneof(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 70 }));
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 6, max: 12 }),
        fc.nat(255),
        (sizes, batch, updateShift, byte) => {
          const layer = { clamp: 900, initMultiplier: 30_000, shift: 9, gradientShift: 9, updateShift };
          const layers = sizes.slice(1).map(() => layer);
          const program = mlp(sizes, { parts: 1, batch, stepsPerPart: 1, layers });
          const expected = trainSteps(program, "reference", byte);
          expect(trainSteps(program, "kernels", byte)).to.deep.equal(expected);
          expect(trainSteps(program, "fused", byte)).to.deep.equal(expected);
        },
      ),
      { numRuns: 150, seed: 0x61a55 },
    );
  });

  it("has every tensor unless operations are fused", () => {
    const program = smallProgram();
    const run = new SectionRun(program, "step", { samples: SAMPLES });
    const apart = new SectionRun(program, "step", { samples: SAMPLES }, "kernels");
    const turned =
      program.operations.find(({ section, name }) => section === "step" && name === "transpose")?.output ?? 0;
    expect(errorCodeOf(() => run.tensor(turned))).to.equal("COMPUTE_TENSOR_MISSING");
    expect(apart.tensor(turned).length).to.equal(12);
  });

  it("computes without kernels what would take too much of their memory", () => {
    const section = new SectionBuilder("step");
    const [long, one] = [2 ** 26, 1].map((rows, index) =>
      section.tensor({ role: "weights", index, type: "i8", rows, columns: 1 }),
    );
    if (long && one) section.matmul(long, one);
    const program = joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [section]);
    const sized = new Map(program.tensors.map((entry, i) => [i, { entry, rows: entry.rows, columns: 1 }] as const));
    const { plan, kernels } = allocateSection(program, "step", sized, "fused");
    expect(plan.map(({ kernel }) => kernel)).to.deep.equal([undefined]);
    expect(kernels).to.equal(undefined);
  });
});
