import { expect } from "chai";

import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { createInference } from "../../../src/compute/inference.ts";
import { decodeProgram, encodeProgram, programRoot } from "../../../src/compute/program-file.ts";
import { averageParts, initialWeights, runPart, trainRounds } from "../../../src/compute/training.ts";
import { decodeWeights, encodeWeights, weightsBytes } from "../../../src/compute/weights.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallJob, smallProgram } from "../../support/small-training.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

const ROUNDS = 5;
const job = smallJob();
const { program } = job;

/** Trains as a coordinator with `workers` would, which take parts in turn; a worker in `killed` loses its result once. */
function trainWith(workers: number, killed: ReadonlySet<number> = new Set()): string[] {
  const dead = new Set<number>();
  const roots: string[] = [];
  let weights = initialWeights(program, job.seed);
  for (let round = 0; round < ROUNDS; round++) {
    const ends = new Map<number, Uint8Array>();
    const open = Array.from({ length: program.parts }, (_, part) => part).reverse();
    for (let turn = 0; open.length > 0; turn++) {
      const worker = turn % workers;
      const part = open.shift() as number;
      const ownProgram = decodeProgram(encodeProgram(program));
      const end = runPart({ ...job, program: ownProgram }, Uint8Array.from(weights), round, part);
      if (killed.has(worker) && !dead.has(worker)) {
        dead.add(worker);
        open.push(part);
      } else {
        ends.set(part, end);
      }
    }
    const inOrder = Array.from({ length: program.parts }, (_, part) => ends.get(part) as Uint8Array);
    weights = averageParts(program, inOrder);
    roots.push(...inOrder.map(fileRoot), fileRoot(weights));
  }
  return roots;
}

describe("training", () => {
  const expected = [...trainRounds(job, ROUNDS)];

  it("gives the same roots with 1, 2 and 3 workers, in any order, and after workers are killed", () => {
    const roots = expected.flatMap(({ ends, next }) => [...ends.map(fileRoot), fileRoot(next)]);
    for (const workers of [1, 2, 3]) expect(trainWith(workers), `${workers} workers`).to.deep.equal(roots);
    expect(trainWith(3, new Set([0, 2])), "two killed").to.deep.equal(roots);
  });

  it("goes on from any round's weights", () => {
    const { start, ends } = expected[3] as (typeof expected)[number];
    expect(runPart(job, start, 3, 1)).to.deep.equal(ends[1]);
  });

  it("learns", () => {
    const last = expected.at(-1)?.next as Uint8Array;
    const hits = (weights: Uint8Array): number => {
      const answer = createInference(program, weights);
      return Array.from({ length: job.data.count }, (_, i) => i).filter(
        (i) => answer(job.data.samples.subarray(16 * i, 16 * i + 12)).answer === job.data.labels[i],
      ).length;
    };
    expect(hits(last)).to.equal(job.data.count);
    expect(hits(initialWeights(program, job.seed))).to.be.lessThan(job.data.count);
  });

  it("equals the vectors of the specification", () => {
    const [first] = expected;
    expect({
      programRoot: programRoot(program),
      weightsBytes: weightsBytes(program),
      initialRoot: fileRoot(initialWeights(program, job.seed)),
      firstEnds: first?.ends.map(fileRoot),
      firstAverage: fileRoot(first?.next as Uint8Array),
      finalRoot: fileRoot(expected.at(-1)?.next as Uint8Array),
    }).to.deep.equal(vectors.training);
  });

  it("depends on seed, data, round and part", () => {
    const weights = initialWeights(program, job.seed);
    const end = fileRoot(runPart(job, weights, 0, 0));
    const data = {
      ...job.data,
      labels: Uint8Array.from(job.data.labels, (label, i) => (i < 37 ? (label + 1) % 3 : 0)),
    };
    expect(fileRoot(runPart(job, weights, 0, 1))).not.to.equal(end);
    expect(fileRoot(runPart(job, weights, 1, 0))).not.to.equal(end);
    expect(fileRoot(runPart({ ...job, seed: new Uint8Array(32) }, weights, 0, 0))).not.to.equal(end);
    expect(fileRoot(runPart({ ...job, data }, weights, 0, 0))).not.to.equal(end);
  });

  it("passes a single part on", () => {
    const single = smallProgram({ parts: 1 });
    const weights = initialWeights(single, job.seed);
    expect(averageParts(single, [weights])).to.deep.equal(weights);
  });

  it("averages with rounding and saturation, three parts and more", () => {
    for (const parts of [2, 3, 5]) {
      const many = smallProgram({ parts });
      const inputs = Array.from({ length: parts }, (_, part) => {
        const weights = decodeWeights(many, initialWeights(many, new Uint8Array(32).fill(part)));
        (weights[0] as Int16Array)[0] = 10_741;
        (weights[0] as Int16Array)[1] = part === 0 ? -1 : 0;
        return weights;
      });
      const average = decodeWeights(
        many,
        averageParts(
          many,
          inputs.map((weights) => encodeWeights(many, weights)),
        ),
      );
      const multiplier = Math.round(65_536 / parts);
      average.forEach((elements, slot) => {
        const expectedElements = Array.from({ length: elements.length }, (_, i) => {
          const total = inputs.reduce((sum, weights) => sum + Number(weights[slot]?.[i]), 0);
          return Math.floor((total * multiplier + 32_768) / 65_536);
        });
        expect(Array.from(elements as Int16Array)).to.deep.equal(expectedElements);
      });
    }
  });

  it("refuses bad input", () => {
    const weights = initialWeights(program, job.seed);
    const tooLarge = Uint8Array.from(weights);
    tooLarge.set([0xff, 0x7f]);
    const padded = Uint8Array.from(weights);
    padded[24] = 1;
    expect(errorCodeOf(() => runPart(job, weights, 0, 3))).to.equal("COMPUTE_PART_RANGE");
    expect(errorCodeOf(() => runPart(job, weights, -1, 0))).to.equal("COMPUTE_PART_RANGE");
    expect(errorCodeOf(() => runPart(job, weights.subarray(1), 0, 0))).to.equal("TENSOR_SET_MISMATCH");
    expect(errorCodeOf(() => runPart(job, tooLarge, 0, 0))).to.equal("COMPUTE_WEIGHTS_RANGE");
    expect(errorCodeOf(() => runPart(job, padded, 0, 0))).to.equal("TENSOR_PADDING_NOT_ZERO");
    expect(errorCodeOf(() => averageParts(program, [weights]))).to.equal("COMPUTE_PART_RANGE");
    expect(errorCodeOf(() => initialWeights(program, new Uint8Array(31)))).to.equal("COMPUTE_JOB_RANGE");
    const short = { ...job, data: { ...job.data, samples: job.data.samples.subarray(1) } };
    expect(errorCodeOf(() => runPart(short, weights, 0, 0))).to.equal("COMPUTE_DATA_MISMATCH");
    const none = { ...job, data: { ...job.data, count: 0 } };
    expect(errorCodeOf(() => runPart(none, weights, 0, 0))).to.equal("COMPUTE_JOB_RANGE");
    const answer = createInference(program, weights);
    expect(errorCodeOf(() => answer(new Uint8Array(11)))).to.equal("COMPUTE_INPUT_MISMATCH");
  });
});
