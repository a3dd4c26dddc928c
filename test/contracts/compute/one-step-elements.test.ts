import { expect } from "chai";

import { equalBytes, LEAF_BYTES } from "../../../src/core/bytes.ts";
import { encodeTensor, nextPowerOfTwo, rowStrideBytes, type Elements } from "../../../src/core/tensor.ts";
import { INSTRUCTIONS } from "../../../src/compute/operations.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { OPERATIONS, type OperationName } from "../../../src/compute/program.ts";
import { startCallChain, type CallChain } from "../../support/call-chain.ts";
import { Dice } from "../../support/dice.ts";
import { deployElementCalls, type ElementCalls } from "../../support/element-calls.ts";
import {
  operationEntry,
  runKernel,
  runReference,
  tensorEntry,
  type RandomTensor,
} from "../../support/kernel-operation.ts";
import { CASES, type OperationCase } from "../../support/operation-cases.ts";

const CASES_PER_OPERATION = 10_000;
const FIRST_SEED = 0x61a55;
/** Bytes of a call's cases: far from the gas that a call may take. */
const CALL_BYTES = 100_000;
const WORD_BYTES = 32;
const GARBAGE = 0xa5;
/** Which operand is the terms. */
const TERMS_PLACE: Partial<Record<OperationName, number>> = { proportion: 1, remainder: 2 };

/** One element of a case's output: what it is, and the case as `OneStepMock` takes it. */
interface ElementCase {
  readonly seed: number;
  readonly row: number;
  readonly column: number;
  readonly expected: bigint;
  readonly encoded: Uint8Array;
}

/** Compares elements of random operations in TypeScript, WebAssembly and Solidity. */
describe("OneStepLib computes the elements that operations compute", function () {
  this.timeout(300_000);

  let chain: CallChain;
  let evaluate: ElementCalls;

  before(async () => {
    chain = await startCallChain();
    evaluate = await deployElementCalls(chain);
  });

  after(() => chain.stop());

  for (const name of OPERATIONS) {
    it(`${name}, ${CASES_PER_OPERATION} times`, async () => {
      let batch: ElementCase[] = [];
      let bytes = 0;
      for (let i = 0; i < CASES_PER_OPERATION; i++) {
        const element = drawElement(name, FIRST_SEED + i);
        batch.push(element);
        bytes += element.encoded.length;
        if (bytes < CALL_BYTES && i < CASES_PER_OPERATION - 1) continue;
        const actual = await evaluate(batch.map(({ encoded }) => encoded));
        batch.forEach(({ seed, row, column, expected }, place) => {
          expect(actual[place], `seed ${seed}, element ${row}, ${column}`).to.equal(expected);
        });
        batch = [];
        bytes = 0;
      }
    });
  }
});

/** A random case, once the kernel has agreed, and one of its elements. */
function drawElement(name: OperationName, seed: number): ElementCase {
  const dice = new Dice(BigInt(seed));
  const random = CASES[name](dice);
  const { operands, output, parameters, scope } = random;
  const elements = runReference(name, operands, output, parameters, scope);
  const { kernel } = INSTRUCTIONS[name];
  if (kernel !== undefined && output.type !== "i64") {
    const fast = runKernel(kernel, name, operands, output, parameters);
    expect(fast !== undefined && equalBytes(bytesOf(fast), bytesOf(elements)), `kernel, seed ${seed}`).to.equal(true);
  }
  const row = dice.oneIn(3) ? output.rows - 1 : dice.number(output.rows);
  const column = dice.oneIn(3) ? output.columns - 1 : dice.number(output.columns);
  const expected = BigInt(elements[row * output.columns + column] as number | bigint);
  return { seed, row, column, expected, encoded: encodeCase(name, random, elements, row, column) };
}

function encodeCase(
  name: OperationName,
  random: OperationCase,
  elements: Elements,
  row: number,
  column: number,
): Uint8Array {
  const { operands, output, parameters, scope } = random;
  const head = encodeProgram({
    parts: 1,
    batch: 1,
    stepsPerPart: 1,
    tensors: [output, ...operands].map(tensorEntry),
    operations: [operationEntry(name, operands.length, parameters)],
    constants: new Map(),
  });
  const tensorWords = head.subarray(LEAF_BYTES, LEAF_BYTES + (operands.length + 1) * WORD_BYTES);
  const operationWord = head.subarray(2 * LEAF_BYTES, 2 * LEAF_BYTES + WORD_BYTES);
  const terms = operands[TERMS_PLACE[name] ?? -1]?.elements;
  const parts = [
    operationWord,
    word(row),
    word(column),
    scope?.seed ?? new Uint8Array(WORD_BYTES),
    word(scope?.samples ?? 0),
    word(scope?.position ?? 0),
    word(operands.length),
    tensorWords,
    terms === undefined ? new Uint8Array(2 * WORD_BYTES) : bytesOf(terms),
    ...[{ ...output, elements }, ...operands].map(garbled),
  ];
  const length = WORD_BYTES + parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([word(length), ...parts]);
}

/** A tensor's file, with garbage where nothing is to be read. */
function garbled(tensor: RandomTensor): Uint8Array {
  const { rows, columns } = tensor;
  const stride = rowStrideBytes(tensor);
  const file = encodeTensor(tensor, tensor.elements as Elements).subarray(0, stride * nextPowerOfTwo(rows));
  const used = columns * (tensor.elements as Elements).BYTES_PER_ELEMENT;
  for (let row = 0; row < rows; row++) file.fill(GARBAGE, row * stride + used, (row + 1) * stride);
  return file.fill(GARBAGE, rows * stride);
}

function word(value: number): Uint8Array {
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.writeBigUInt64BE(BigInt(value), WORD_BYTES - 8);
  return bytes;
}

function bytesOf(elements: Elements): Uint8Array {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}
