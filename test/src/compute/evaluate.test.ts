import { expect } from "chai";

import { evaluate } from "../../../src/compute/evaluate.ts";
import { createInference } from "../../../src/compute/inference.ts";
import { initialWeights, trainRounds } from "../../../src/compute/training.ts";
import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { readIris } from "../../../src/models/iris.ts";
import { tensorFiles } from "../../../src/models/labelled-samples.ts";
import { IRIS_TRAINING, softmaxRegression } from "../../../src/compute/networks/softmax-regression.ts";
import { encodeWeights } from "../../../src/compute/weights.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const program = softmaxRegression(IRIS_TRAINING.sizes, IRIS_TRAINING);
const seed = new Uint8Array(32);
const test = readIris("test");

/** Matchers of amounts on a chain, which other tests load, take no fractions. */
const distance = (loss: number | undefined, expected: number): number => Math.abs((loss ?? NaN) - expected);

describe("evaluation", () => {
  it("gives a third right and ln 3 nats for weights of zero", () => {
    const { samples, correct, accuracy, loss } = evaluate(program, initialWeights(program, seed), test);
    expect({ samples, correct }).to.deep.equal({ samples: 30, correct: 10 });
    expect(accuracy).to.equal(1 / 3);
    expect(distance(loss, Math.log(3)) < 1e-12).to.equal(true);
  });

  it("gives the loss in the units that training gives scores", () => {
    const job = { program, seed, data: tensorFiles(readIris("train")) };
    const weights = [...trainRounds(job, 3)].at(-1)?.next ?? new Uint8Array();
    const { scores } = createInference(program, weights)(test.samples.subarray(0, 5));
    const powers = Array.from(scores, (score) => Math.exp(score / 2 ** IRIS_TRAINING.shift / 64));
    const total = powers.reduce((sum, power) => sum + power, 0);
    const expected = -Math.log((powers[test.labels[0] ?? 0] ?? 0) / total);
    expect(distance(evaluate(program, weights, test, 1).loss, expected) < 1e-9).to.equal(true);
  });

  it("knows no loss of a program that is not trained", () => {
    const answering = denseNetwork({ inputs: 5, hidden: [], last: { units: 3, weightClamp: 9, biasClamp: 9 } });
    const weights = encodeWeights(answering, [new Int16Array(15), Int32Array.of(0, 1, 0)]);
    expect(evaluate(answering, weights, test)).to.deep.equal({
      samples: 30,
      correct: 10,
      accuracy: 1 / 3,
      loss: undefined,
    });
  });

  it("refuses to measure with nothing", () => {
    const weights = initialWeights(program, seed);
    expect(errorCodeOf(() => evaluate(program, weights, test, 0))).to.equal("COMPUTE_DATA_EMPTY");
  });
});
