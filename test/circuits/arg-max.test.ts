import { expect } from "chai";

import { reduce } from "../../src/proofs/field.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { argMax } from "../support/proofs/forward.ts";
import { random } from "../support/proofs/random-mlp.ts";

const BITS = 8;
const COUNT = 4;
const LOWEST = -(2 ** (BITS - 1));
const HIGHEST = 2 ** (BITS - 1) - 1;

describe("ArgMax", function () {
  this.timeout(60_000);
  let circuit: TestCircuit;

  before(async () => {
    circuit = await TestCircuit.compile(
      `pragma circom 2.2.0; include "ArgMax.circom"; component main = ArgMax(${COUNT}, ${BITS});`.replaceAll(
        "; ",
        ";\n",
      ),
    );
  });

  after(() => circuit.dispose());

  const run = (values: readonly number[]): Promise<bigint[]> =>
    circuit.witness({ in: values.map((value) => reduce(BigInt(value))) });

  it("finds the largest, the lowest index on a tie", async () => {
    const cases = [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [0, 0, 0, 0],
      [-1, -1, -2, -1],
      [-5, 7, 7, 7],
      [LOWEST, LOWEST, LOWEST, LOWEST],
      [LOWEST, HIGHEST, LOWEST, HIGHEST],
      [HIGHEST, LOWEST, HIGHEST, LOWEST],
    ];
    for (const values of cases) expect((await run(values))[1], values.join()).to.equal(BigInt(argMax(values)));
  });

  it("is the plain function on random values, many of them equal", async () => {
    const next = random(42);
    for (let i = 0; i < 100; i++) {
      const spread = i % 2 === 0 ? 3 : 256;
      const values = Array.from({ length: COUNT }, () => Math.floor(next() * spread) - Math.floor(spread / 2));
      expect((await run(values))[1], `case ${i}: ${values.join()}`).to.equal(BigInt(argMax(values)));
    }
  });

  it("allows no other index", async () => {
    for (const values of [
      [3, 3, 3, 3],
      [1, 2, 3, 4],
      [-4, -3, -2, -3],
    ]) {
      const witness = await run(values);
      expect(circuit.accepts(witness)).to.equal(true);
      expect(circuit.freeSignals(witness), values.join()).to.deep.equal([]);
    }
  });
});
