import { expect } from "chai";

import { type Elements, encodeTensor } from "../../src/core/tensor.ts";
import { reduce } from "../../src/proofs/field.ts";
import { poseidonTwin } from "../../src/proofs/poseidon-twin.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { random } from "../support/proofs/random-mlp.ts";

/** Less than an element, rows of half an element, of one, of two and a bit; more than a leaf; no padding at all. */
const SHAPES = [
  { type: "i8", rows: 1, columns: 1 },
  { type: "i8", rows: 3, columns: 5 },
  { type: "i16", rows: 8, columns: 5 },
  { type: "i16", rows: 3, columns: 17 },
  { type: "i16", rows: 9, columns: 16 },
  { type: "i8", rows: 16, columns: 16 },
] as const;

const main = ({ rows, columns, type }: (typeof SHAPES)[number]): string =>
  `pragma circom 2.2.0;
include "WeightsTensor.circom";
component main = WeightsTensor(${rows}, ${columns}, ${type === "i8" ? 1 : 2});
`;

describe("WeightsTensor", function () {
  this.timeout(180_000);

  for (const shape of SHAPES) {
    const { type, rows, columns } = shape;
    const count = rows * columns;
    const reach = type === "i8" ? 128 : 32_768;

    describe(`${type} ${rows} x ${columns}`, () => {
      let circuit: TestCircuit;

      before(async () => {
        circuit = await TestCircuit.compile(main(shape), "O2");
      });

      after(() => circuit.dispose());

      const signals = (values: readonly number[]): { values: bigint[] } => ({
        values: values.map((value) => reduce(BigInt(value))),
      });
      const elements = (values: readonly number[]): Elements =>
        type === "i8" ? Int8Array.from(values) : Int16Array.from(values);

      it("gives the twin of the tensor's file", async () => {
        const next = random(count);
        const samples = [
          Array.from({ length: count }, () => Math.floor(next() * 2 * reach) - reach),
          Array.from({ length: count }, (_, i) => (i % 2 === 0 ? -reach : reach - 1)),
          new Array<number>(count).fill(-1),
          new Array<number>(count).fill(0),
        ];
        for (const values of samples) {
          const witness = await circuit.witness(signals(values));
          expect(witness[1]).to.equal(poseidonTwin(encodeTensor(shape, elements(values))));
          expect(circuit.accepts(witness.with(1, witness[1]! + 1n))).to.equal(false);
        }
      });

      it("refuses elements outside their type, in every place", async () => {
        for (const value of [reach, -reach - 1, 2 * reach, 2 ** 40]) {
          for (const place of [0, count - 1]) {
            const values = new Array<number>(count).fill(1).with(place, value);
            expect(await circuit.refuses(signals(values)), `${value} at ${place}`).to.equal(true);
          }
        }
      });

      it("leaves no signal free", async () => {
        const witness = await circuit.witness(signals(Array.from({ length: count }, (_, i) => (i % 3) - 1)));
        expect(circuit.accepts(witness)).to.equal(true);
        expect(circuit.freeSignals(witness)).to.deep.equal([]);
      });
    });
  }
});
