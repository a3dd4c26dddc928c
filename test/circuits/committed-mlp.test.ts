import { expect } from "chai";

import { circuitInstance, mainSourceOf } from "../../src/proofs/circuit-library.ts";
import { committedSignals } from "../../src/proofs/committed-inference.ts";
import { FIELD_ORDER, reduce } from "../../src/proofs/field.ts";
import { inputHash } from "../../src/proofs/input-hash.ts";
import type { MlpWeights } from "../../src/proofs/mlp-circuit.ts";
import { domainSize } from "../../src/proofs/qap.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { forward } from "../support/proofs/forward.ts";
import { COMMITTED, randomPixels, randomWeights, twinOfWeights } from "../support/proofs/random-mlp.ts";

function filled(hidden: number, outputs: number): MlpWeights {
  return { hidden: new Int16Array(40).fill(hidden), outputs: new Int16Array(24).fill(outputs) };
}

describe("CommittedMlp", function () {
  this.timeout(180_000);
  const instance = circuitInstance("CommittedMlp", COMMITTED);
  let circuit: TestCircuit;

  before(async () => {
    circuit = await TestCircuit.compile(mainSourceOf(instance), "O2");
  });

  after(() => circuit.dispose());

  it("is the plain network of the weights, for the twin of their file", async () => {
    const answers = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const weights = randomWeights(COMMITTED, seed);
      const pixels = randomPixels(COMMITTED, seed + 100);
      const expected = forward(weights, COMMITTED, pixels);
      const witness = await circuit.witness(committedSignals(weights, pixels));
      const publicSignals = [BigInt(expected), inputHash(pixels), twinOfWeights(weights)];
      expect(witness.slice(1, 4), `seed ${seed}`).to.deep.equal(publicSignals);
      answers.add(expected);
    }
    expect(answers.size).to.equal(3);
  });

  it("holds the sums of any weights", async () => {
    const pixels = new Uint8Array(5).fill(255);
    for (const weights of [filled(32_767, -32_768), filled(-32_768, 32_767), filled(32_767, 32_767), filled(0, 0)]) {
      const witness = await circuit.witness(committedSignals(weights, pixels));
      expect(witness.slice(1, 4)).to.deep.equal([0n, inputHash(pixels), twinOfWeights(weights)]);
      expect(circuit.accepts(witness)).to.equal(true);
    }
  });

  it("refuses pixels and weights outside their range, in every place", async () => {
    const honest = committedSignals(randomWeights(COMMITTED, 1), randomPixels(COMMITTED, 1));
    const changes: readonly (readonly [string, readonly bigint[]])[] = [
      ["pixels", [256n, FIELD_ORDER - 1n]],
      ["hiddenWeights", [32_768n, reduce(-32_769n), 2n ** 40n]],
      ["outputWeights", [32_768n, reduce(-32_769n), 2n ** 40n]],
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

  it("proves no other answer, input or weights", async () => {
    const witness = await circuit.witness(committedSignals(randomWeights(COMMITTED, 2), randomPixels(COMMITTED, 2)));
    const other = await circuit.witness(committedSignals(randomWeights(COMMITTED, 3), randomPixels(COMMITTED, 3)));
    for (const signal of [1, 2, 3]) {
      expect(circuit.accepts(witness.with(signal, reduce(witness[signal]! + 1n)))).to.equal(false);
      expect(circuit.accepts(witness.with(signal, reduce(witness[signal]! - 1n)))).to.equal(false);
    }
    for (const signal of [2, 3]) expect(circuit.accepts(witness.with(signal, other[signal]!))).to.equal(false);
  });

  it("leaves no signal free", async () => {
    const witness = await circuit.witness(committedSignals(randomWeights(COMMITTED, 5), randomPixels(COMMITTED, 5)));
    expect(circuit.accepts(witness)).to.equal(true);
    expect(circuit.freeSignals(witness)).to.deep.equal([]);
  });

  it("stays within its budget", () => {
    expect(circuit.r1cs.publicCount).to.equal(3);
    expect(circuit.r1cs.constraints.length).to.be.at.most(instance.maxConstraints);
    expect(domainSize(circuit.r1cs.constraints.length, 3)).to.equal(instance.maxDomain);
  });
});
