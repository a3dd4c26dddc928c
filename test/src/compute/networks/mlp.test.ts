import { expect } from "chai";

import { fromHex } from "../../../../src/core/bytes.ts";
import { fileRoot } from "../../../../src/crypto/file-tree.ts";
import { evaluate } from "../../../../src/compute/evaluate.ts";
import { DEFAULT_TRAINING, mlp } from "../../../../src/compute/networks/mlp.ts";
import { trainRounds } from "../../../../src/compute/training.ts";
import { tensorFiles } from "../../../../src/models/labelled-samples.ts";
import { readMnist } from "../../../../src/models/mnist.ts";
import { errorCodeOf } from "../../../support/error-code.ts";
import vectors from "../../../support/vectors/compute.json" with { type: "json" };

const SAMPLES = 16_384;
const HELD_OUT = 2_000;

describe("the default training on MNIST", () => {
  it("learns, to the bit of the specification's vector", async function () {
    this.timeout(120_000);
    const program = mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING);
    const data = tensorFiles(await readMnist("train", SAMPLES));
    const seed = fromHex(DEFAULT_TRAINING.seed, 32);
    const weights = [...trainRounds({ program, seed, data }, vectors.mnist.rounds)].at(-1)?.next ?? new Uint8Array();
    expect(fileRoot(weights)).to.equal(vectors.mnist.root);

    const { correct } = evaluate(program, weights, await readMnist("test", HELD_OUT));
    expect(correct).to.equal(vectors.mnist.correct);
  });

  it("refuses layers that do not match the sizes", () => {
    expect(errorCodeOf(() => mlp([784, 10], DEFAULT_TRAINING))).to.equal("COMPUTE_MLP_INVALID");
    expect(errorCodeOf(() => mlp([784], { ...DEFAULT_TRAINING, layers: [] }))).to.equal("COMPUTE_MLP_INVALID");
  });
});
