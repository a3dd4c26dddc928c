import { expect } from "chai";

import { circuitInstance } from "../../src/proofs/circuit-library.ts";
import { FIELD_ORDER, reduce } from "../../src/proofs/field.ts";
import { inputHash } from "../../src/proofs/input-hash.ts";
import { type MlpShapes, type MlpWeights, mlpMainSource } from "../../src/proofs/mlp-circuit.ts";
import { domainSize } from "../../src/proofs/qap.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { forward } from "../support/proofs/forward.ts";
import { MNIST, SMALL, randomPixels, randomWeights } from "../support/proofs/random-mlp.ts";

describe("MlpInference", function () {
  this.timeout(180_000);

  describe("16-8-4", () => {
    const weights = randomWeights(SMALL, 3);
    let circuit: TestCircuit;

    before(async () => {
      circuit = await TestCircuit.compile(mlpMainSource(weights, SMALL));
    });

    after(() => circuit.dispose());

    it("is the plain network", async () => {
      const answers = new Set<number>();
      for (let seed = 0; seed < 60; seed++) {
        const pixels = randomPixels(SMALL, seed);
        const expected = forward(weights, SMALL, pixels);
        const witness = await circuit.witness({ pixels: Array.from(pixels, BigInt) });
        expect(witness.slice(1, 3), `seed ${seed}`).to.deep.equal([BigInt(expected), inputHash(pixels)]);
        answers.add(expected);
      }
      expect(answers.size).to.be.greaterThan(1);
    });

    it("takes 255 for pixel 0 in its sums, but hashes the pixel itself", async () => {
      const [black, white] = await Promise.all(
        [0n, 255n].map((first) => circuit.witness({ pixels: [first, ...Array<bigint>(15).fill(9n)] })),
      );
      expect(black![1]).to.equal(white![1]);
      expect(black![2]).to.not.equal(white![2]);
    });

    it("refuses pixels outside 0..255, in every place", async () => {
      for (const value of [256n, 2n ** 32n, FIELD_ORDER - 1n, reduce(-255n)]) {
        for (const place of [0, 1, 15]) {
          const pixels = Array<bigint>(16).fill(1n).with(place, value);
          const refused = await circuit.witness({ pixels }).then(
            () => false,
            () => true,
          );
          expect(refused, `${value} at ${place}`).to.equal(true);
        }
      }
    });

    it("leaves no signal free", async () => {
      const witness = await circuit.witness({ pixels: Array.from(randomPixels(SMALL, 5), BigInt) });
      expect(circuit.accepts(witness)).to.equal(true);
      expect(circuit.freeSignals(witness)).to.deep.equal([]);
    });

    it("takes weights of 0, which leave ties everywhere", async () => {
      const zero: MlpWeights = { hidden: new Int16Array(128), outputs: new Int16Array(32) };
      const flat = await TestCircuit.compile(mlpMainSource(zero, SMALL));
      const pixels = randomPixels(SMALL, 6);
      const witness = await flat.witness({ pixels: Array.from(pixels, BigInt) });
      expect(witness.slice(1, 3)).to.deep.equal([0n, inputHash(pixels)]);
      expect(flat.accepts(witness)).to.equal(true);
      await flat.dispose();
    });

    it("stays within its budget", () => {
      expectBudget(circuit, SMALL);
    });
  });

  describe("784-32-10", () => {
    const weights = randomWeights(MNIST, 4);
    let circuit: TestCircuit;

    before(async () => {
      circuit = await TestCircuit.compile(mlpMainSource(weights, MNIST));
    });

    after(() => circuit.dispose());

    it("is the plain network", async () => {
      for (let seed = 0; seed < 5; seed++) {
        const pixels = randomPixels(MNIST, seed);
        const witness = await circuit.witness({ pixels: Array.from(pixels, BigInt) });
        const expected = [BigInt(forward(weights, MNIST, pixels)), inputHash(pixels)];
        expect(witness.slice(1, 3), `seed ${seed}`).to.deep.equal(expected);
        expect(circuit.accepts(witness)).to.equal(true);
      }
    });

    it("holds the largest sums that weights may reach", async () => {
      const largest: MlpWeights = {
        hidden: new Int16Array(784 * 32).fill(10_741).fill(-10_741, 784 * 16),
        outputs: new Int16Array(320).fill(32_767).fill(-32_768, 32),
      };
      const extreme = await TestCircuit.compile(mlpMainSource(largest, MNIST));
      const witness = await extreme.witness({ pixels: Array<bigint>(784).fill(255n) });
      expect(witness[1]).to.equal(0n);
      await extreme.dispose();
    });

    it("stays within its budget", () => {
      expectBudget(circuit, MNIST);
    });
  });
});

function expectBudget({ r1cs }: TestCircuit, shapes: MlpShapes): void {
  const { maxConstraints, maxDomain } = circuitInstance("MlpInference", shapes);
  expect(r1cs.publicCount).to.equal(2);
  expect(r1cs.constraints.length).to.be.at.most(maxConstraints);
  expect(domainSize(r1cs.constraints.length, r1cs.publicCount)).to.equal(maxDomain);
}
