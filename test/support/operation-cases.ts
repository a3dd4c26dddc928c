import { decodeTensor, type ElementType } from "../../src/core/tensor.ts";
import { TYPE_RANGES } from "../../src/compute/checks.ts";
import { EXP_TABLE_LENGTH, expTableFile } from "../../src/compute/exp-table.ts";
import type { RunScope } from "../../src/compute/operation.ts";
import type { OperationParameters } from "../../src/compute/program-builder.ts";
import { CHUNK_ELEMENTS, type OperationName } from "../../src/compute/program.ts";
import { MAX_TERM } from "../../src/compute/terms.ts";
import { windowCounts, windowsArguments, type Windows } from "../../src/compute/windows.ts";
import type { Dice } from "./dice.ts";
import { draw, drawElements, FILLS, type RandomTensor } from "./kernel-operation.ts";

/** One operation on random tensors within the bounds that validation asks for: nothing overflows. */
export interface OperationCase {
  readonly operands: readonly RandomTensor[];
  readonly output: RandomTensor;
  readonly parameters: OperationParameters;
  readonly scope?: RunScope;
}

type Bounds = readonly [number, number];

const NARROW = ["i8", "u8", "i16", "i32"] as const;
const SIGNED = ["i8", "i16", "i32"] as const;
const SHORT = ["i8", "u8", "i16"] as const;
const MAX_I32 = 2 ** 31 - 1;
const HALF = 2 ** 30 - 1;
const TERMS_SHAPE = { type: "i64", rows: 1, columns: 8 } as const;
const TABLE_SHAPE = { type: "i32", rows: 1, columns: EXP_TABLE_LENGTH } as const;
const TABLE: RandomTensor = { ...TABLE_SHAPE, elements: decodeTensor(TABLE_SHAPE, expTableFile()) };

/** A random case of each operation. */
export const CASES: Readonly<Record<OperationName, (dice: Dice) => OperationCase>> = {
  init(dice) {
    const shift = shiftOf(dice);
    const multiplier = upTo(dice, Math.floor((MAX_I32 - 2 ** (shift - 1)) / 510));
    const output = saturating(dice, dice.pick(SIGNED), size(dice), size(dice));
    const stream = dice.oneIn(2) ? dice.number(9) : dice.number(2 ** 48);
    const parameters = { shift, multiplier, arguments: [stream, 0] } as const;
    return { operands: [], output, parameters, scope: scopeOf(dice, 0) };
  },
  gather(dice) {
    const samples = dice.oneIn(9) ? 1 + dice.number(5_000) : size(dice);
    const columns = samples > 99 ? 1 : size(dice);
    const a = filled(dice, { type: "u8", rows: samples, columns });
    return {
      operands: [a],
      output: { type: "u8", rows: size(dice), columns },
      parameters: {},
      scope: scopeOf(dice, samples),
    };
  },
  setColumn(dice) {
    const x = anyTensor(dice);
    const [value = 0] = drawElements({ ...x, rows: 1, columns: 1 }, "any", dice.number(2 ** 31));
    return { operands: [x], output: like(x), parameters: { arguments: [dice.number(x.columns), Number(value)] } };
  },
  matmul(dice) {
    const inner = dice.oneIn(20) ? CHUNK_ELEMENTS - dice.number(40) : size(dice);
    const [a, b] = factors(dice, inner, MAX_I32);
    return { operands: [a, b], output: { type: "i32", rows: a.rows, columns: b.rows }, parameters: {} };
  },
  requantise(dice) {
    const shift = shiftOf(dice);
    const room = MAX_I32 - 2 ** (shift - 1);
    const multiplier = dice.oneIn(3) ? 1 : upTo(dice, room);
    const type = dice.pick(NARROW);
    const bounds = limited(type, Math.floor(room / multiplier));
    const x = { type, rows: size(dice), columns: size(dice), bounds };
    const from = dice.oneIn(3) ? atTies(dice, x, shift) : filled(dice, x);
    const output = saturating(dice, dice.pick(NARROW), x.rows, x.columns);
    return { operands: [from], output, parameters: { multiplier, shift } };
  },
  gate(dice) {
    const x = anyTensor(dice, dice.pick(SIGNED));
    return { operands: [x, filled(dice, { ...like(x), type: dice.pick(NARROW) })], output: like(x), parameters: {} };
  },
  softmaxGradient(dice) {
    const type = dice.pick(SIGNED);
    const bounds = dice.oneIn(2) ? limited(type, 400) : limited(type, HALF);
    const columns = dice.oneIn(50) ? CHUNK_ELEMENTS - dice.number(3) : size(dice);
    const logits = filled(dice, { type, rows: columns > 99 ? 1 : size(dice), columns, bounds });
    const labels = filled(dice, { type: "u8", rows: logits.rows, columns: 1, bounds: [0, Math.min(255, columns)] });
    const output = { ...like(logits), type: dice.pick(["i16", "i32"] as const) };
    return { operands: [logits, labels, TABLE], output, parameters: {} };
  },
  transpose(dice) {
    const x = anyTensor(dice);
    return { operands: [x], output: { type: x.type, rows: x.columns, columns: x.rows }, parameters: {} };
  },
  update(dice) {
    const shift = shiftOf(dice);
    const [type, by] = [dice.pick(SIGNED), dice.pick(["i16", "i32"] as const)];
    const weights = filled(dice, { type, rows: size(dice), columns: size(dice), bounds: limited(type, HALF) });
    const change = { ...like(weights), type: by, bounds: limited(by, HALF) };
    const gradient = dice.oneIn(3) ? atTies(dice, change, shift) : filled(dice, change);
    return {
      operands: [weights, gradient],
      output: saturating(dice, type, weights.rows, weights.columns),
      parameters: { shift },
    };
  },
  add(dice) {
    const count = 2 + dice.number(2);
    const [rows, columns] = [size(dice), size(dice)];
    if (dice.oneIn(3)) {
      const terms = Array.from({ length: count }, () =>
        wide(dice, { type: "i64", rows, columns }, -(2n ** 61n), 2n ** 61n),
      );
      return { operands: terms, output: { type: "i64", rows, columns }, parameters: {} };
    }
    const terms = Array.from({ length: count }, () => {
      const type = dice.pick(NARROW);
      return filled(dice, { type, rows, columns, bounds: limited(type, Math.floor(MAX_I32 / count)) });
    });
    return { operands: terms, output: { type: "i32", rows, columns }, parameters: {} };
  },
  argmax(dice) {
    const type = dice.pick(NARROW);
    const columns = dice.oneIn(50) ? CHUNK_ELEMENTS - dice.number(3) : size(dice);
    const x = filled(dice, { type, rows: columns > 99 ? 1 : size(dice), columns });
    return { operands: [x], output: { type: "i32", rows: x.rows, columns: 1 }, parameters: {} };
  },
  column(dice) {
    const x = filled(dice, { type: "u8", rows: size(dice), columns: 3 + size(dice) });
    return {
      operands: [x],
      output: { type: "i32", rows: x.rows, columns: 1 },
      parameters: { arguments: [dice.number(x.columns - 3), 0] },
    };
  },
  count(dice) {
    const rows = long(dice);
    const accounts = size(dice);
    const bounds: Bounds = dice.oneIn(9) ? [-(2 ** 31), MAX_I32] : [-1, accounts];
    const indices = filled(dice, { type: "i32", rows, columns: 1, bounds });
    const output: RandomTensor = { type: "i32", rows: chunks(rows), columns: accounts, bounds: [0, rows] };
    return { operands: [indices], output, parameters: {} };
  },
  proportion(dice) {
    const highest = dice.oneIn(2) ? MAX_I32 : 100_000;
    const counts = filled(dice, { type: "i32", rows: 1 + dice.number(3), columns: size(dice), bounds: [0, highest] });
    const bounds = [0n, dice.oneIn(4) ? 12_345n : 2n ** 50n - 1n] as const;
    const output: RandomTensor = { type: "i64", rows: counts.columns, columns: 1, bounds };
    const places = [1 + dice.number(4), 5 + dice.number(2)] as const;
    return { operands: [counts, terms(dice)], output, parameters: { arguments: places } };
  },
  sum(dice) {
    const rows = long(dice);
    const x = wide(dice, { type: "i64", rows, columns: 1 }, -(2n ** 52n), 2n ** 52n);
    const [lowest, highest] = dice.pick([
      [0n, 2n ** 50n - 1n],
      [-(2n ** 62n), 2n ** 62n - 1n],
      [-9n, 2n ** 53n],
    ] as const);
    const output: RandomTensor = { type: "i64", rows: chunks(rows), columns: 1, bounds: [lowest, highest] };
    return { operands: [x], output, parameters: {} };
  },
  remainder(dice) {
    const rows = long(dice);
    const x = wide(dice, { type: "i64", rows, columns: 1 }, 0n, 2n ** 52n);
    const totals = wide(dice, { type: "i64", rows: chunks(rows), columns: 1 }, 0n, 2n ** 51n);
    return { operands: [x, totals, terms(dice, rows)], output: like(x), parameters: {} };
  },
  addRow(dice) {
    const half = (type: ElementType): RandomTensor => ({
      type,
      rows: size(dice),
      columns: 1,
      bounds: limited(type, HALF),
    });
    const x = filled(dice, { ...half(dice.pick(NARROW)), columns: size(dice) });
    const row = filled(dice, { ...half(dice.pick(NARROW)), rows: 1, columns: x.columns });
    return { operands: [x, row], output: { type: "i32", rows: x.rows, columns: x.columns }, parameters: {} };
  },
  unfold(dice) {
    const windows = windowsOf(dice);
    const [down, across] = windowCounts(windows);
    const count = 1 + dice.number(3);
    const x = imagesOf(dice, count, windows);
    const output = { type: x.type, rows: count * down * across, columns: windows.kernel ** 2 * x.columns };
    return { operands: [x], output, parameters: { arguments: windowsArguments(windows) } };
  },
  fold(dice) {
    const kernel = 1 + dice.number(4);
    const [down, across] = [1 + dice.number(4), 1 + dice.number(4)];
    const windows = { height: down * kernel, width: across * kernel, kernel, stride: kernel, padding: 0 };
    const output = like(imagesOf(dice, 1 + dice.number(3), windows));
    const columns = kernel ** 2 * output.columns;
    const x = filled(dice, { type: output.type, rows: output.rows / kernel ** 2, columns });
    return { operands: [x], output, parameters: { arguments: windowsArguments(windows) } };
  },
  rotate(dice) {
    const area = (1 + dice.number(4)) ** 2;
    const inputs = 1 + dice.number(9);
    const kernels = filled(dice, { type: dice.pick(NARROW), rows: size(dice), columns: area * inputs });
    const output = { type: kernels.type, rows: inputs, columns: area * kernels.rows };
    return { operands: [kernels], output, parameters: { arguments: [area, 0] } };
  },
  reshape(dice) {
    const [a, b, c] = [1 + dice.number(8), 1 + dice.number(8), 1 + dice.number(8)];
    const x = filled(dice, { type: dice.pick(NARROW), rows: a * b, columns: c });
    return { operands: [x], output: { type: x.type, rows: a, columns: b * c }, parameters: {} };
  },
  maxPool(dice) {
    const [groups, columns] = groupsOf(dice);
    const x = filled(dice, { type: dice.pick(NARROW), rows: size(dice), columns: groups * columns });
    return { operands: [x], output: { type: x.type, rows: x.rows, columns }, parameters: { arguments: [groups, 0] } };
  },
  poolGradient(dice) {
    const [groups, columns] = groupsOf(dice);
    const gradient = filled(dice, { type: dice.pick(SIGNED), rows: size(dice), columns });
    const x = filled(dice, { type: dice.pick(NARROW), rows: gradient.rows, columns: groups * columns });
    const output = { type: gradient.type, rows: x.rows, columns: x.columns };
    return { operands: [gradient, x], output, parameters: { arguments: [groups, 0] } };
  },
  accumulate(dice) {
    const inner = long(dice);
    const shift = shiftOf(dice);
    const limit = Math.floor(MAX_I32 / chunks(inner)) - 2 ** (shift - 1);
    const [a, b] = factors(dice, inner, Math.max(limit, CHUNK_ELEMENTS));
    const output: RandomTensor = { type: "i32", rows: chunks(inner) * a.rows, columns: b.rows };
    return { operands: [a, b], output, parameters: { shift } };
  },
  tail(dice) {
    const x = anyTensor(dice);
    return {
      operands: [x],
      output: { type: x.type, rows: 1 + dice.number(x.rows), columns: x.columns },
      parameters: {},
    };
  },
};

function size(dice: Dice): number {
  return 1 + dice.number(dice.oneIn(4) ? 40 : 9);
}

/** The length of a chain, often about a multiple of a chunk. */
function long(dice: Dice): number {
  if (!dice.oneIn(15)) return size(dice);
  return dice.pick([CHUNK_ELEMENTS, 2 * CHUNK_ELEMENTS]) + dice.pick([-1, 0, 1, dice.number(99)]);
}

function chunks(length: number): number {
  return Math.ceil(length / CHUNK_ELEMENTS);
}

function shiftOf(dice: Dice): number {
  return 1 + dice.number(30);
}

/** From 1 to `limit`, all magnitudes alike. */
function upTo(dice: Dice, limit: number): number {
  return 1 + dice.number(Math.min(limit, 2 ** dice.number(32)));
}

/** The values of a type that are at most `magnitude` away from 0. */
function limited(type: ElementType, magnitude: number): Bounds {
  const [lowest, highest] = TYPE_RANGES[type];
  return [Math.max(Number(lowest), -magnitude), Math.min(Number(highest), magnitude)];
}

function magnitudeOf([lowest, highest]: Bounds): number {
  return Math.max(-lowest, highest);
}

function like({ type, rows, columns }: RandomTensor): RandomTensor {
  return { type, rows, columns };
}

function filled(dice: Dice, tensor: RandomTensor): RandomTensor {
  return { ...tensor, elements: drawElements(tensor, dice.pick(FILLS), dice.number(2 ** 31)) };
}

function anyTensor(dice: Dice, type: ElementType = dice.pick(NARROW)): RandomTensor {
  return filled(dice, { type, rows: size(dice), columns: size(dice) });
}

/** Bounds of an output that an operation saturates to: its type's, or tighter ones. */
function saturating(dice: Dice, type: ElementType, rows: number, columns: number): RandomTensor {
  const low = limited(type, upTo(dice, 2 ** 31))[0];
  return {
    type,
    rows,
    columns,
    bounds: dice.oneIn(2) ? limited(type, MAX_I32 + 1) : [low, low + (low < 0 ? -low : 1)],
  };
}

/** Elements that lie halfway between two results of a rounding shift, or beside. */
function atTies(dice: Dice, tensor: RandomTensor & { readonly bounds: Bounds }, shift: number): RandomTensor {
  const seed = dice.number(2 ** 31);
  const elements = drawElements(tensor, "any", seed);
  const [lowest, highest] = tensor.bounds;
  for (let i = 0; i < elements.length; i++) {
    const value = ((draw(seed, i) % 33) - 16) * 2 ** (shift - 1) + ((draw(seed, -i) % 3) - 1);
    elements[i] = Math.min(highest, Math.max(lowest, value));
  }
  return { ...tensor, elements };
}

/** Two matrices whose sums of products stay within `limit`, and may come close to it. */
function factors(dice: Dice, inner: number, limit: number): readonly [RandomTensor, RandomTensor] {
  const terms = Math.min(inner, CHUNK_ELEMENTS);
  const [left, right] = [dice.pick(SHORT), dice.pick(SHORT)];
  const leftBounds = limited(left, Math.max(1, Math.floor(limit / terms / (dice.oneIn(2) ? 1 : 255))));
  const rightBounds = limited(right, Math.floor(limit / terms / magnitudeOf(leftBounds)));
  const rows = (): number => (inner > 99 ? 1 + dice.number(2) : size(dice));
  const a = filled(dice, { type: left, rows: rows(), columns: inner, bounds: leftBounds });
  return [a, filled(dice, { type: right, rows: rows(), columns: inner, bounds: rightBounds })];
}

/** Elements of 64 bits, often the extremes. */
function wide(dice: Dice, shape: RandomTensor, lowest: bigint, highest: bigint): RandomTensor {
  const how = dice.number(4);
  const seed = dice.number(2 ** 31);
  const elements = BigInt64Array.from({ length: shape.rows * shape.columns }, (_, i) => {
    const random = (BigInt(draw(seed, 2 * i)) << 32n) | BigInt(draw(seed, 2 * i + 1));
    if (how === 0) return random & 1n ? lowest : highest;
    if (how === 1) return (random % 7n) + (lowest < -3n ? -3n : 0n);
    return lowest + (random % (highest - lowest + 1n));
  });
  return { ...shape, elements };
}

function terms(dice: Dice, accounts = 9): RandomTensor {
  const large = (): bigint => dice.below(dice.oneIn(2) ? MAX_TERM + 1n : 100_000n);
  const pools = Array.from({ length: 4 }, () => dice.below(10_001n));
  const totals = [0, 1].map(() => (dice.oneIn(5) ? 0n : large()));
  const elements = BigInt64Array.from([large(), ...pools, ...totals, dice.below(BigInt(accounts) + 2n)]);
  return { ...TERMS_SHAPE, elements };
}

function scopeOf(dice: Dice, samples: number): RunScope {
  const seed = Uint8Array.from({ length: 32 }, () => dice.number(256));
  return { seed, samples, position: dice.oneIn(2) ? dice.number(200) : dice.number(2 ** 48) };
}

function windowsOf(dice: Dice): Windows {
  const kernel = 1 + dice.number(5);
  const padding = dice.number(kernel);
  const side = (): number => Math.max(1, kernel - 2 * padding) + dice.number(7);
  return { height: side(), width: side(), kernel, stride: 1 + dice.number(kernel), padding };
}

function imagesOf(dice: Dice, count: number, { height, width }: Windows): RandomTensor {
  return filled(dice, { type: dice.pick(NARROW), rows: count * height * width, columns: 1 + dice.number(6) });
}

function groupsOf(dice: Dice): readonly [groups: number, columns: number] {
  return dice.oneIn(50) ? [32, 32] : [1 + dice.number(9), size(dice)];
}
