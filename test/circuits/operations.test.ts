import { expect } from "chai";

import { TYPE_RANGES } from "../../src/compute/checks.ts";
import type { OperationParameters } from "../../src/compute/program-builder.ts";
import type { OperationName } from "../../src/compute/program.ts";
import type { Elements } from "../../src/core/tensor.ts";
import { reduce } from "../../src/proofs/field.ts";
import { Dice } from "../support/dice.ts";
import { drawElements, FILLS, runReference, type RandomTensor } from "../support/kernel-operation.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";

const CASES_PER_OPERATION = 10_000;
const COLUMNS = 10;
const TERMS = 21;

/** A template against the operation that it stands for: each lane of the circuit is a case of its own, a row of the operands. */
interface Face {
  readonly title: string;
  readonly operation: OperationName;
  readonly parameters: OperationParameters;
  readonly include: string;
  /** Body of a lane: `a` and `b` are the operands' rows, `out` is the output's. */
  readonly lane: string;
  readonly operands: readonly RandomTensor[];
  readonly output: RandomTensor;
  /** Operands that the circuit takes as signals; the others are constants of the compiled circuit. */
  readonly signals?: number;
  readonly lanes: number;
}

const row = (type: RandomTensor["type"], columns: number, bounds?: RandomTensor["bounds"]): RandomTensor => ({
  ...{ type, rows: 1, columns },
  ...(bounds && { bounds }),
});

const requantise = (bits: number, shift: number): Face => ({
  title: `requantise of ${bits} bits by ${shift} to eight bits`,
  operation: "requantise",
  parameters: { multiplier: 1, shift },
  include: "SaturatingShift.circom",
  lane: `component f = SaturatingShift(${bits + 2}, ${shift}, 8, 1 << ${shift - 1}); f.in <== a[0]; out[0] <== f.out;`,
  operands: [row("i32", 1, [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1])],
  output: row("i8", 1),
  lanes: 200,
});

const rectify = (bits: number, shift: number): Face => ({
  ...requantise(bits, shift),
  title: `requantise of ${bits} bits by ${shift} to 0..127`,
  include: "RequantiseRelu.circom",
  lane: `component f = RequantiseRelu(${bits + 1}, ${shift}); f.in <== a[0]; out[0] <== f.out;`,
  output: row("i8", 1, [0, 127]),
});

const update = (shift: number): Face => ({
  title: `update by ${shift}`,
  operation: "update",
  parameters: { shift },
  include: "SaturatingShift.circom",
  lane: `component f = SaturatingShift(26, ${shift}, 8, (1 << ${shift - 1}) - 1);
    f.in <== a[0] * (1 << ${shift}) - b[0]; out[0] <== f.out;`,
  operands: [row("i8", 1), row("i32", 1, [-(2 ** 23), 2 ** 23 - 1])],
  output: row("i8", 1),
  lanes: 200,
});

const FACES: readonly Face[] = [
  requantise(11, 1),
  requantise(20, 7),
  requantise(31, 21),
  rectify(11, 1),
  rectify(20, 7),
  rectify(31, 21),
  update(1),
  update(9),
  {
    title: `argmax of ${COLUMNS} columns`,
    operation: "argmax",
    parameters: {},
    include: "ArgMax.circom",
    lane: `component f = ArgMax(${COLUMNS}, 32); f.in <== a; out[0] <== f.index;`,
    operands: [row("i32", COLUMNS)],
    output: row("i32", 1),
    lanes: 50,
  },
  {
    title: `matmul of ${TERMS} columns`,
    operation: "matmul",
    parameters: {},
    include: "WeightedSum.circom",
    lane: `component f = WeightedSum(${TERMS}, WEIGHTS); f.in <== a; out[0] <== f.out;`,
    operands: [row("u8", TERMS), row("i16", TERMS)],
    output: row("i32", 1),
    signals: 1,
    lanes: 200,
  },
];

/** A circuit of independent lanes; their operands and outputs side by side. */
function sourceOf(face: Face, weights: string): string {
  const inputs = face.operands.slice(0, face.signals).map(({ columns }, i) => ({ name: "ab".charAt(i), columns }));
  return `
pragma circom 2.2.0;
include "${face.include}";
template Lane() {
    ${inputs.map(({ name, columns }) => `signal input ${name}[${columns}];`).join("\n    ")}
    signal output out[1];
    ${face.lane.replace("WEIGHTS", weights)}
}
template Lanes() {
    ${inputs.map(({ name, columns }) => `signal input ${name}[${face.lanes}][${columns}];`).join("\n    ")}
    signal output out[${face.lanes}];
    component lanes[${face.lanes}];
    for (var i = 0; i < ${face.lanes}; i++) {
        lanes[i] = Lane();
        ${inputs.map(({ name }) => `lanes[i].${name} <== ${name}[i];`).join("\n        ")}
        out[i] <== lanes[i].out[0];
    }
}
component main = Lanes();
`;
}

/** Random elements, every third time such as lie half-way between two results of the shift. */
function drawOperand(tensor: RandomTensor, dice: Dice, shift = 0): Elements {
  const elements = drawElements(tensor, dice.pick(FILLS), dice.number(2 ** 31));
  const unit = 2 ** shift;
  const [lowest, highest] = tensor.bounds ?? TYPE_RANGES[tensor.type];
  if (shift === 0 || Number(highest) - Number(lowest) < unit || !dice.oneIn(3)) return elements;
  const tie = Math.floor(Number(elements[0]) / unit) * unit + unit / 2;
  elements[0] = tie > Number(highest) ? tie - unit : tie < Number(lowest) ? tie + unit : tie;
  return elements;
}

const field = (values: Iterable<number | bigint>): bigint[] => Array.from(values, (value) => reduce(BigInt(value)));

describe("templates and the operations that they stand for", function () {
  this.timeout(180_000);

  for (const face of FACES) {
    it(`${face.title}, ${CASES_PER_OPERATION} times`, async () => {
      const dice = new Dice(BigInt(face.title.length));
      const { operands, operation, output, parameters, signals = operands.length } = face;
      const constants = operands.slice(signals).map((tensor) => drawElements(tensor, "any", dice.number(2 ** 31)));
      const circuit = await TestCircuit.compile(sourceOf(face, `[${constants.map(String).join()}]`));
      for (let done = 0; done < CASES_PER_OPERATION; done += face.lanes) {
        const lanes = Array.from({ length: face.lanes }, () =>
          operands.map((tensor, i) => constants[i - signals] ?? drawOperand(tensor, dice, parameters.shift)),
        );
        const expected = lanes.flatMap((elements) => {
          const inputs = operands.map((tensor, i) => ({ ...tensor, elements: elements[i]! }));
          return field(runReference(operation, inputs, output, parameters));
        });
        const inputs = Object.fromEntries(
          operands.slice(0, signals).map((_, i) => ["ab".charAt(i), lanes.flatMap((elements) => field(elements[i]!))]),
        );
        expect((await circuit.witness(inputs)).slice(1, 1 + face.lanes), `from case ${done}`).to.deep.equal(expected);
      }
      await circuit.dispose();
    });
  }
});
