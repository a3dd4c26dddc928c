import { expect } from "chai";
import fc from "fast-check";

import { encodeTensor, rowStrideBytes, type Elements } from "../../../src/core/tensor.ts";
import { mlp } from "../../../src/compute/mlp.ts";
import { joinSections, SectionBuilder } from "../../../src/compute/program-builder.ts";
import { weightsShapes, type Program } from "../../../src/compute/program.ts";
import { SectionRun } from "../../../src/compute/section-run.ts";
import { allocateSection } from "../../../src/compute/section-memory.ts";
import type { Faces } from "../../../src/compute/section-plan.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallProgram } from "../../support/small-training.ts";

const SEED = new Uint8Array(32).fill(3);
const SAMPLES = 23;

/** The weights after three steps on made-up samples. */
function trained(program: Program, weights: readonly Elements[], faces: Faces): Elements[] {
  const columns = weightsShapes(program)[0]?.columns ?? 0;
  const run = new SectionRun(program, "step", { seed: SEED, samples: SAMPLES }, faces);
  const samples = Uint8Array.from({ length: SAMPLES * columns }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const labels = Uint8Array.from({ length: SAMPLES }, (_, i) => i % 11);
  const shape = { type: "u8", rows: SAMPLES, columns } as const;
  run.give("samples", 0, encodeTensor(shape, samples), rowStrideBytes(shape));
  run.give("labels", 0, labels);
  weights.forEach((elements, slot) => {
    run.give("weights", slot, elements);
  });
  for (let step = 0; step < 3; step++) {
    if (step > 0) run.carry();
    run.run(step * program.batch);
  }
  return weights.map((_, slot) => run.output(slot).slice());
}

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
          const init = new SectionRun(program, "init", { seed: new Uint8Array(32).fill(byte) });
          init.run();
          const weights = layers.map((_, slot) => init.output(slot));
          const expected = trained(program, weights, "reference");
          expect(trained(program, weights, "kernels")).to.deep.equal(expected);
          expect(trained(program, weights, "fused")).to.deep.equal(expected);
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
