import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { EXP_TABLE_LENGTH, expTableFile } from "../../src/compute/exp-table.ts";
import { reduce } from "../../src/proofs/field.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { runOperation } from "../support/single-operation.ts";

const LANES = 64;
const LEVELS = Array.from({ length: 16 }, (_, i) => i - 8);
const TRIPLES = LEVELS.flatMap((a) => LEVELS.flatMap((b) => LEVELS.map((c) => [a, b, c] as const)));

const main = (lanes: number, included = 'include "SoftmaxGradient.circom";'): string => `
pragma circom 2.2.0;
${included}
template Lanes() {
    signal input levels[${lanes}][3];
    signal input target[${lanes}][3];
    signal output gradient[${lanes}][3];
    component lanes[${lanes}];
    for (var i = 0; i < ${lanes}; i++) {
        lanes[i] = SoftmaxGradient();
        lanes[i].levels <== levels[i];
        lanes[i].target <== target[i];
        gradient[i] <== lanes[i].gradient;
    }
}
component main = Lanes();
`;

/** The operation of the program on logits of 16 units a level. */
function reference(lanes: readonly (readonly number[])[], label: number): bigint[] {
  const rows = lanes.length;
  const logits = Int8Array.from(lanes.flat(), (level) => 16 * level);
  const gradients = runOperation(
    {
      name: "softmaxGradient",
      operands: [
        { type: "i8", rows, columns: 3 },
        { type: "u8", rows, columns: 1 },
        { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH },
      ],
      constants: [undefined, undefined, expTableFile()],
      output: { type: "i16", rows, columns: 3 },
    },
    [logits, new Uint8Array(rows).fill(label)],
  );
  return field([...(gradients as Int16Array)]);
}

function oneHot(label: number): bigint[] {
  return [0, 1, 2].map((j) => BigInt(Number(j === label)));
}

function field(values: readonly number[]): bigint[] {
  return values.map((value) => reduce(BigInt(value)));
}

describe("SoftmaxGradient", function () {
  this.timeout(180_000);
  let circuit: TestCircuit;

  before(async () => {
    circuit = await TestCircuit.compile(main(LANES), "O2");
  });

  after(() => circuit.dispose());

  it("is the operation of the program for all logits and labels, ties included", async () => {
    for (let start = 0; start < TRIPLES.length; start += LANES) {
      const lanes = TRIPLES.slice(start, start + LANES);
      for (const label of [0, 1, 2]) {
        const witness = await circuit.witness({
          levels: lanes.flatMap(field),
          target: lanes.flatMap(() => oneHot(label)),
        });
        const title = `from ${lanes[0]?.join()}, label ${label}`;
        expect(witness.slice(1, 1 + 3 * LANES), title).to.deep.equal(reference(lanes, label));
      }
    }
  });

  it("refuses logits that are too far apart", async () => {
    const one = await TestCircuit.compile(main(1), "O2");
    for (const levels of [
      [8, -8, 0],
      [0, 16, 1],
      [-1, 0, 15],
    ]) {
      const refused = await one.refuses({ levels: field(levels), target: oneHot(0) });
      expect(refused, levels.join()).to.equal(true);
    }
    await one.dispose();
  });

  it("leaves no signal free", async () => {
    const one = await TestCircuit.compile(main(1), "O2");
    for (const levels of [
      [0, 0, 0],
      [7, -8, -8],
      [1, 2, 3],
      [3, 3, -2],
    ]) {
      const witness = await one.witness({ levels: field(levels), target: oneHot(1) });
      expect(one.accepts(witness)).to.equal(true);
      expect(one.freeSignals(witness), levels.join()).to.deep.equal([]);
    }
    await one.dispose();
  });

  it("gives the same whichever of equals a prover calls the greatest, and accepts no other class as such", async () => {
    const forged = await forgedCircuit();
    for (const levels of [
      [2, 2, 2],
      [5, 5, -3],
      [-3, 5, 5],
      [5, -3, 5],
      [1, 2, 3],
      [3, 2, 1],
      [-8, 7, 0],
    ]) {
      const greatest = Math.max(...levels);
      const expected = reference([levels], 0);
      for (const choice of [0, 1, 2]) {
        const inputs = { levels: field(levels), target: oneHot(0), forged: oneHot(choice).slice(0, 2) };
        if (levels[choice] === greatest) expect((await forged.witness(inputs)).slice(1, 4)).to.deep.equal(expected);
        else expect(await forged.refuses(inputs), `${levels.join()} by ${choice}`).to.equal(true);
      }
      for (const both of [
        [1n, 1n],
        [2n, 0n],
        [0n, reduce(-1n)],
      ]) {
        const inputs = { levels: field(levels), target: oneHot(0), forged: both };
        expect(await forged.refuses(inputs), `${levels.join()} by ${both.join()}`).to.equal(true);
      }
    }
    await forged.dispose();
  });
});

/** The circuit with its hints replaced by inputs: what a prover can do that doesn't run our witness program. */
async function forgedCircuit(): Promise<TestCircuit> {
  const source = await readFile(new URL("../../circuits/SoftmaxGradient.circom", import.meta.url), "utf8");
  const body = source
    .replace(/pragma.*\n/, "")
    .replace("signal output gradient[3];", "signal output gradient[3];\n    signal input forged[2];")
    .replace(/signal isGreatest(\d) <-- [^;]+;/g, "signal isGreatest$1 <-- forged[$1];");
  const lanes = main(1, body)
    .replace("signal input target[1][3];", "signal input target[1][3];\n    signal input forged[2];")
    .replace("lanes[i].target <== target[i];", "lanes[i].target <== target[i];\n        lanes[i].forged <== forged;");
  return TestCircuit.compile(lanes, "O2");
}
