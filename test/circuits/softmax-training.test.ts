import { expect } from "chai";

import { evaluate } from "../../src/compute/evaluate.ts";
import { trainingWitness } from "../../src/compute/training-proof-job.ts";
import { runPart } from "../../src/compute/training.ts";
import { encodeWeights } from "../../src/compute/weights.ts";
import { readIris } from "../../src/models/iris.ts";
import { tensorFiles } from "../../src/models/labelled-samples.ts";
import { circuitInstance, mainSourceOf } from "../../src/proofs/circuit-library.ts";
import { FIELD_ORDER, reduce } from "../../src/proofs/field.ts";
import { poseidonTwin } from "../../src/proofs/poseidon-twin.ts";
import { domainSize } from "../../src/proofs/qap.ts";
import { IRIS_PROOF, trainingSignals, type TrainingShapes } from "../../src/proofs/training-proof.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { irisJob, SMALL_TRAINING, trainedBy } from "../support/proofs/small-training.ts";

describe("SoftmaxTraining", function () {
  this.timeout(240_000);

  describe("two steps of three flowers", () => {
    let circuit: TestCircuit;

    before(async () => {
      circuit = await TestCircuit.compile(mainSourceOf(circuitInstance("SoftmaxTraining", SMALL_TRAINING)), "O2");
    });

    after(() => circuit.dispose());

    it("is the program, bit for bit", async () => {
      for (let seed = 0; seed < 20; seed++) {
        const job = irisJob(SMALL_TRAINING, seed);
        const witness = await circuit.witness(trainingSignals(trainingWitness(job)));
        expect(witness.slice(1, 4), `seed ${seed}`).to.deep.equal(trainedBy(job).publicSignals);
      }
    });

    it("is the program at the ends of every range, where weights and logits saturate", async () => {
      const job = irisJob(SMALL_TRAINING, 1);
      const { program } = job;
      for (const [weight, other, sample, label] of [
        [127, -128, 255, 0],
        [-128, 127, 255, 1],
        [127, 127, 0, 2],
        [-128, -128, 0, 0],
        [0, 0, 128, 1],
      ] as const) {
        const initial = Int8Array.from({ length: 15 }, (_, i) => (i % 2 === 0 ? weight : other));
        const samples = Uint8Array.from({ length: 24 }, (_, i) => (i % 5 === 4 ? 255 - sample : sample));
        const labels = new Uint8Array(6).fill(label);
        const rows = new Uint8Array(30);
        for (let i = 0; i < 6; i++) rows.set(samples.subarray(4 * i, 4 * i + 4), 5 * i + 1);
        const data = tensorFiles({ ...readIris("train"), count: 6, samples: rows, labels });
        const start = encodeWeights(program, [initial]);
        const whole = { ...job, data };
        const end = runPart(whole, start, 0, 0);
        const witness = await circuit.witness(trainingSignals({ ...trainingWitness(whole), initial }));
        expect(witness[3], `${weight}, ${sample}`).to.equal(poseidonTwin(end));
        expect(witness[1]).to.equal(poseidonTwin(start));
      }
    });

    it("refuses samples, labels and weights outside their range, in every place", async () => {
      const honest = trainingSignals(trainingWitness(irisJob(SMALL_TRAINING, 2)));
      const changes: readonly (readonly [string, readonly bigint[]])[] = [
        ["samples", [256n, FIELD_ORDER - 1n, 2n ** 32n]],
        ["labels", [3n, 4n, FIELD_ORDER - 1n]],
        ["initial", [128n, reduce(-129n), 2n ** 20n]],
      ];
      for (const [name, values] of changes) {
        const signals = honest[name] as bigint[];
        for (const value of values) {
          for (const place of [0, signals.length - 1]) {
            const refused = await circuit.refuses({ ...honest, [name]: signals.with(place, value) });
            expect(refused, `${name} ${place}: ${value}`).to.equal(true);
          }
        }
      }
    });

    it("proves no other weights, start or data", async () => {
      const witness = await circuit.witness(trainingSignals(trainingWitness(irisJob(SMALL_TRAINING, 3))));
      expect(circuit.accepts(witness)).to.equal(true);
      for (const signal of [1, 2, 3]) {
        for (const change of [1n, -1n, 2n ** 128n]) {
          expect(circuit.accepts(witness.with(signal, reduce(witness[signal]! + change)))).to.equal(false);
        }
      }
      const other = await circuit.witness(trainingSignals(trainingWitness(irisJob(SMALL_TRAINING, 4))));
      for (const signal of [1, 2, 3]) {
        expect(circuit.accepts(witness.with(signal, other[signal]!)), `signal ${signal}`).to.equal(false);
      }
    });

    it("leaves no signal free", async () => {
      const witness = await circuit.witness(trainingSignals(trainingWitness(irisJob(SMALL_TRAINING, 5))));
      expect(circuit.freeSignals(witness)).to.deep.equal([]);
    });

    it("stays within its budget", () => {
      expectBudget(circuit, SMALL_TRAINING);
    });
  });

  describe("an epoch of Iris", () => {
    let circuit: TestCircuit;

    before(async () => {
      circuit = await TestCircuit.compile(mainSourceOf(circuitInstance("SoftmaxTraining", IRIS_PROOF)), "O2");
    });

    after(() => circuit.dispose());

    it("is the program, bit for bit, and tells nine in ten held-out flowers apart", async () => {
      for (const seed of [1, 2, 3]) {
        const job = irisJob(IRIS_PROOF, seed);
        const { end, publicSignals } = trainedBy(job);
        const witness = await circuit.witness(trainingSignals(trainingWitness(job)));
        expect(witness.slice(1, 4)).to.deep.equal(publicSignals);
        expect(circuit.accepts(witness)).to.equal(true);
        expect(evaluate(job.program, end, readIris("test")).accuracy, `seed ${seed}`).to.be.at.least(0.9);
      }
    });

    it("fits the smallest domain that a training run needs", () => {
      expectBudget(circuit, IRIS_PROOF);
    });
  });
});

function expectBudget({ r1cs }: TestCircuit, shapes: TrainingShapes): void {
  const { maxConstraints, maxDomain } = circuitInstance("SoftmaxTraining", shapes);
  expect(r1cs.publicCount).to.equal(3);
  expect(r1cs.constraints.length).to.be.at.most(maxConstraints);
  expect(domainSize(r1cs.constraints.length, r1cs.publicCount)).to.equal(maxDomain);
}
