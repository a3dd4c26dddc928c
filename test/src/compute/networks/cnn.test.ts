import { expect } from "chai";
import fc from "fast-check";

import { fromHex } from "../../../../src/core/bytes.ts";
import { fileRoot } from "../../../../src/crypto/file-tree.ts";
import { cnn, type CnnOptions } from "../../../../src/compute/networks/cnn.ts";
import type { ConvolutionLayer } from "../../../../src/compute/networks/convolution.ts";
import { DIGITS_CNN } from "../../../../src/compute/networks/digits.ts";
import { evaluate } from "../../../../src/compute/evaluate.ts";
import { DEFAULT_TRAINING } from "../../../../src/compute/networks/mlp.ts";
import { programRoot } from "../../../../src/compute/program-file.ts";
import { planSection } from "../../../../src/compute/section-plan.ts";
import { averageParts, initialWeights, trainRounds } from "../../../../src/compute/training.ts";
import { tensorFiles } from "../../../../src/models/labelled-samples.ts";
import { readMnist } from "../../../../src/models/mnist.ts";
import { errorCodeOf } from "../../../support/error-code.ts";
import { trainSteps } from "../../../support/train-steps.ts";
import vectors from "../../../support/vectors/compute.json" with { type: "json" };

const SAMPLES = 8_192;
const HELD_OUT = 1_000;

const LAYER = {
  clamp: 20_000,
  initMultiplier: 30_000,
  shift: 12,
  gradientShift: 9,
  updateShift: 3,
  gradientClamp: 5_000,
  chunkShift: 6,
  passing: { shift: 4, clamp: 500 },
};

function convolution(kernel: number, filters: number, pool: number): ConvolutionLayer {
  return { ...LAYER, kernel, filters, pool };
}

const SMALL: CnnOptions = {
  parts: 1,
  batch: 5,
  stepsPerPart: 1,
  side: 10,
  classes: 4,
  convolutions: [convolution(3, 3, 2), convolution(3, 5, 2)],
  dense: { clamp: 13_000, initMultiplier: 10_000, shift: 11, gradientShift: 12, updateShift: 8 },
};

describe("convolutional networks", () => {
  it("train to the same bits on all faces, whatever their shape", () => {
    const filters = fc.integer({ min: 1, max: 9 });
    const layer = fc.record({
      kernel: fc.integer({ min: 1, max: 4 }),
      filters,
      pool: fc.integer({ min: 1, max: 3 }),
      pooled: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(layer, layer, fc.integer({ min: 1, max: 40 }), fc.nat(255), (first, second, batch, byte) => {
        const within = second.pooled * second.pool + second.kernel - 1;
        const side = within * first.pool + first.kernel - 1;
        const convolutions = [first, second].map(({ kernel, filters: count, pool }) =>
          convolution(kernel, count, pool),
        );
        const program = cnn({ ...SMALL, side, batch, convolutions });
        const expected = trainSteps(program, "reference", byte);
        expect(trainSteps(program, "kernels", byte)).to.deep.equal(expected);
        expect(trainSteps(program, "fused", byte)).to.deep.equal(expected);
      }),
      { numRuns: 40, seed: 0x61a55 },
    );
  });

  it("multiply windows without unfolding gradients, and add up without chains", () => {
    const names = planSection(cnn(SMALL), "step", "fused").map(
      ({ operation, operands }) => `${operation.name}/${operands.length}`,
    );
    expect(names.slice(2)).to.deep.equal([
      "reshape/1",
      ...["unfold/1", "matmul/2", "requantise/1", "unfold/1", "maxPool/1"],
      ...["unfold/1", "matmul/2", "requantise/1", "unfold/1", "maxPool/1"],
      ...["reshape/1", "matmul/2", "requantise/1", "softmaxGradient/3"],
      ...["transpose/1", "matmul/2", "update/3", "requantise/1", "gate/2"],
      ...["reshape/1", "poolGradient/2", "fold/1", "accumulate/2"],
      ...["requantise/1", "rotate/1", "matmul/2", "update/2", "requantise/1", "gate/2"],
      ...["reshape/1", "poolGradient/2", "fold/1", "accumulate/2", "update/2"],
    ]);
  });

  it("learn digits, to the bit of the specification's vector", async function () {
    this.timeout(120_000);
    const { rounds, root, correct } = vectors.cnn;
    const program = cnn(DIGITS_CNN);
    expect(programRoot(program)).to.equal(vectors.cnn.programRoot);
    const data = tensorFiles(await readMnist("train", SAMPLES));
    const seed = fromHex(DEFAULT_TRAINING.seed, 32);
    const weights = [...trainRounds({ program, seed, data }, rounds)].at(-1)?.next ?? new Uint8Array();
    expect(fileRoot(weights)).to.equal(root);
    const held = evaluate(program, weights, await readMnist("test", HELD_OUT));
    expect(held.correct).to.equal(correct);
  });

  it("average their parts", () => {
    const program = cnn({ ...SMALL, parts: 4 });
    const weights = initialWeights(program, new Uint8Array(32));
    expect(averageParts(program, [weights, weights, weights, weights])).to.deep.equal(weights);
  });

  const cases: Record<string, [Partial<CnnOptions>, string]> = {
    "pools that do not tile": [{ side: 11 }, "COMPUTE_CNN_INVALID"],
    "kernels larger than the images": [{ convolutions: [convolution(11, 3, 1)] }, "COMPUTE_CNN_INVALID"],
    "gradients whose sums could overflow": [
      { convolutions: [{ ...LAYER, kernel: 3, filters: 3, pool: 2, gradientClamp: 8_225 }], batch: 16 },
      "COMPUTE_OVERFLOW",
    ],
    "gradients that could overflow on their way down": [
      { convolutions: [convolution(3, 3, 2), { ...convolution(3, 64, 2), gradientClamp: 8_000 }] },
      "COMPUTE_OVERFLOW",
    ],
    "rows too long to judge": [{ convolutions: [convolution(3, 65, 2)] }, "COMPUTE_ROW_TOO_LONG"],
  };
  for (const [what, [change, code]] of Object.entries(cases)) {
    it(`have no ${what}`, () => {
      expect(errorCodeOf(() => cnn({ ...SMALL, ...change }))).to.equal(code);
    });
  }
});
