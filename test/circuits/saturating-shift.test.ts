import { expect } from "chai";

import { reduce } from "../../src/proofs/field.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";

const BITS = 12;
const SHIFT = 3;
const OUT_BITS = 4;
const ROUNDING = 4;
const OFFSET = ROUNDING + 2 ** (OUT_BITS - 1 + SHIFT);
const LOWEST = -(2 ** (BITS - 1)) - OFFSET;
const HIGHEST = 2 ** (BITS - 1) - 1 - OFFSET;
const LANES = 256;

const main = (lanes: number): string => `
pragma circom 2.2.0;
include "SaturatingShift.circom";
template Lanes() {
    signal input in[${lanes}];
    signal output out[${lanes}];
    component lanes[${lanes}];
    for (var i = 0; i < ${lanes}; i++) {
        lanes[i] = SaturatingShift(${BITS}, ${SHIFT}, ${OUT_BITS}, ${ROUNDING});
        lanes[i].in <== in[i];
        out[i] <== lanes[i].out;
    }
}
component main = Lanes();
`;

const plain = (value: number): number => Math.min(7, Math.max(-8, Math.floor((value + ROUNDING) / 2 ** SHIFT)));

describe("SaturatingShift", function () {
  this.timeout(120_000);
  let many: TestCircuit;
  let one: TestCircuit;

  before(async () => {
    many = await TestCircuit.compile(main(LANES));
    one = await TestCircuit.compile(main(1));
  });

  after(async () => {
    await many.dispose();
    await one.dispose();
  });

  it("is the plain function on its whole range", async () => {
    for (let start = LOWEST; start <= HIGHEST; start += LANES) {
      const values = Array.from({ length: LANES }, (_, i) => Math.min(start + i, HIGHEST));
      const witness = await many.witness({ in: values.map((value) => reduce(BigInt(value))) });
      expect(witness.slice(1, 1 + LANES)).to.deep.equal(values.map((value) => reduce(BigInt(plain(value)))));
    }
  });

  it("refuses values just outside its range, and far outside", async () => {
    for (const value of [LOWEST - 1, HIGHEST + 1, 2 ** 40, -(2 ** 40)]) {
      expect(await one.refuses({ in: [reduce(BigInt(value))] }), String(value)).to.equal(true);
    }
  });

  it("leaves no signal free", async () => {
    for (const value of [LOWEST, -69, -68, -5, -4, 3, 4, 59, 60, HIGHEST]) {
      const witness = await one.witness({ in: [reduce(BigInt(value))] });
      expect(one.accepts(witness)).to.equal(true);
      expect(one.freeSignals(witness), String(value)).to.deep.equal([]);
    }
  });
});
