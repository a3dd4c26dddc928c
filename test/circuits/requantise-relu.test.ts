import { expect } from "chai";

import { reduce } from "../../src/proofs/field.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { requantiseRelu } from "../support/proofs/forward.ts";

const BITS = 11;
const SHIFT = 2;
const LOWEST = -(2 ** (BITS - 1));
/** One more would not fit after the rounding offset. */
const HIGHEST = 2 ** (BITS - 1) - 2 ** (SHIFT - 1) - 1;
const LANES = 256;

const main = (lanes: number): string => `
pragma circom 2.2.0;
include "RequantiseRelu.circom";
template Lanes() {
    signal input in[${lanes}];
    signal output out[${lanes}];
    component lanes[${lanes}];
    for (var i = 0; i < ${lanes}; i++) {
        lanes[i] = RequantiseRelu(${BITS}, ${SHIFT});
        lanes[i].in <== in[i];
        out[i] <== lanes[i].out;
    }
}
component main = Lanes();
`;

describe("RequantiseRelu", function () {
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
      expect(witness.slice(1, 1 + LANES)).to.deep.equal(values.map((value) => BigInt(requantiseRelu(value, SHIFT))));
    }
  });

  it("refuses values just outside its range, and far outside", async () => {
    for (const value of [LOWEST - 2 ** (SHIFT - 1) - 1, HIGHEST + 1, 2 ** 40, -(2 ** 40)]) {
      const refused = await one.witness({ in: [reduce(BigInt(value))] }).then(
        () => false,
        () => true,
      );
      expect(refused, String(value)).to.equal(true);
    }
  });

  it("leaves no signal free", async () => {
    for (const value of [LOWEST, -3, -2, 0, 1, 509, 510, 511, HIGHEST]) {
      const witness = await one.witness({ in: [reduce(BigInt(value))] });
      expect(one.accepts(witness)).to.equal(true);
      expect(one.freeSignals(witness), String(value)).to.deep.equal([]);
    }
  });
});
