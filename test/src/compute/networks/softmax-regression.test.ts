import { expect } from "chai";

import { fromHex } from "../../../../src/core/bytes.ts";
import { createInference } from "../../../../src/compute/inference.ts";
import { initialWeights, trainRounds } from "../../../../src/compute/training.ts";
import { IRIS_TRAINING, softmaxRegression } from "../../../../src/compute/networks/softmax-regression.ts";
import { decodeWeights } from "../../../../src/compute/weights.ts";
import { readIris } from "../../../../src/models/iris.ts";
import { tensorFiles } from "../../../../src/models/labelled-samples.ts";
import { errorCodeOf } from "../../../support/error-code.ts";

const { sizes, rounds } = IRIS_TRAINING;
const program = softmaxRegression(sizes, IRIS_TRAINING);
const seed = fromHex(IRIS_TRAINING.seed, 32);

describe("softmax regression", () => {
  it("learns Iris: 28 of 30 flowers that it has not seen", () => {
    const job = { program, seed, data: tensorFiles(readIris("train")) };
    const weights = [...trainRounds(job, rounds)].at(-1)?.next ?? new Uint8Array();
    const answer = createInference(program, weights);
    const { count, sampleBytes, samples, labels } = readIris("test");
    const hits = Array.from(labels).filter(
      (label, i) => answer(samples.subarray(i * sampleBytes, (i + 1) * sampleBytes)).answer === label,
    );
    expect(count).to.equal(30);
    expect(hits.length).to.equal(28);
  });

  it("starts from zero", () => {
    const [weights] = decodeWeights(program, initialWeights(program, seed));
    expect(weights).to.deep.equal(new Int16Array(15));
  });

  it("refuses a shift that no accumulator could take", () => {
    expect(errorCodeOf(() => softmaxRegression(sizes, { ...IRIS_TRAINING, shift: 31 }))).to.equal(
      "COMPUTE_PARAMETER_INVALID",
    );
  });
});
