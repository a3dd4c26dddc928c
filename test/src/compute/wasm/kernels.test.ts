import { expect } from "chai";
import fc from "fast-check";

import { equalBytes } from "../../../../src/core/bytes.ts";
import { decodeTensor, type Elements, type ElementType } from "../../../../src/core/tensor.ts";
import { EXP_TABLE_LENGTH, expTableFile } from "../../../../src/compute/exp-table.ts";
import type { KernelFace } from "../../../../src/compute/operation.ts";
import { INSTRUCTIONS } from "../../../../src/compute/operations.ts";
import { endOfColumns, productOfColumns, updateByProduct } from "../../../../src/compute/wasm/products.ts";
import type { OperationParameters } from "../../../../src/compute/program-builder.ts";
import type { OperationName } from "../../../../src/compute/program.ts";
import { productOfWindows } from "../../../../src/compute/wasm/window-products.ts";
import { windowCounts, windowsArguments } from "../../../../src/compute/windows.ts";
import { windowsOnImages } from "../../../support/exact.ts";
import {
  drawElements,
  FILLS,
  runKernel,
  runReference,
  type Fill,
  type RandomTensor,
} from "../../../support/kernel-operation.ts";

const RUNS = { numRuns: 10_000, seed: 0x61a55 };
const NARROW = ["i8", "u8", "i16", "i32"] as const;
const SIGNED = ["i8", "i16", "i32"] as const;
const SHORT = ["i8", "u8", "i16"] as const;
/** No difference or sum of two of these leaves 32 bits. */
const HALF = [-(2 ** 30), 2 ** 30 - 1] as const;

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }));
const fill = fc.constantFrom<Fill>(...FILLS);
const shift = fc.integer({ min: 1, max: 30 });

/** What each random case has besides the types and shapes of its operation. */
const common = { rows: size, columns: size, inner: size, fill, other: fill, seed: fc.integer(), shift };

const smallSize = fc.integer({ min: 1, max: 6 });

/** Windows on a few small images. */
const images = {
  type: fc.constantFrom(...NARROW),
  count: fc.integer({ min: 1, max: 3 }),
  channels: fc.oneof(smallSize, fc.integer({ min: 1, max: 20 })),
  windows: windowsOnImages(9),
};

function filled(tensor: RandomTensor, how: Fill, seed: number): RandomTensor {
  return { ...tensor, elements: drawElements(tensor, how, seed) };
}

/** Bounds of a tensor that an operation saturates to: the type's, or tighter ones. */
function saturating(type: ElementType, rows: number, columns: number, seed: number): RandomTensor {
  const tight = {
    i8: [-100, 77],
    u8: [0, 127],
    i16: [-10_741, 10_740],
    i32: [-70_000, 1_000_000],
    i64: [0, 0],
  } as const;
  return seed & 1 ? { type, rows, columns } : { type, rows, columns, bounds: tight[type] };
}

function bytesOf(elements: Elements | undefined): Uint8Array {
  return elements === undefined
    ? new Uint8Array()
    : new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

function turned(x: RandomTensor): RandomTensor {
  const shape = { type: x.type, rows: x.columns, columns: x.rows };
  return { ...shape, elements: runReference("transpose", [x], shape, {}) };
}

function expectSame(
  name: OperationName,
  operands: readonly RandomTensor[],
  output: RandomTensor,
  parameters: OperationParameters = {},
): void {
  const expected = runReference(name, operands, output, parameters);
  const actual = runKernel(INSTRUCTIONS[name].kernel as KernelFace, name, operands, output, parameters);
  if (!equalBytes(bytesOf(actual), bytesOf(expected))) expect(actual).to.deep.equal(expected);
}

describe("kernels against the TypeScript faces", () => {
  it("setColumn", () => {
    fc.assert(
      fc.property(fc.record({ ...common, type: fc.constantFrom(...NARROW) }), (c) => {
        const { type, rows, columns } = c;
        const [value = 0] = drawElements({ type, rows: 1, columns: 1 }, c.other, c.seed + 1);
        const x = filled({ type, rows, columns }, c.fill, c.seed);
        expectSame("setColumn", [x], { type, rows, columns }, { arguments: [(c.inner - 1) % columns, Number(value)] });
      }),
      RUNS,
    );
  });

  it("matmul, with sums that wrap", () => {
    const types = { left: fc.constantFrom(...SHORT), right: fc.constantFrom(...SHORT) };
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ rows, columns, inner, ...c }) => {
        const a = filled({ type: c.left, rows, columns: inner }, c.fill, c.seed);
        const b = filled({ type: c.right, rows: columns, columns: inner }, c.other, c.seed + 1);
        expectSame("matmul", [a, b], { type: "i32", rows, columns });
      }),
      RUNS,
    );
  });

  it("matmul of the longest rows", () => {
    for (const type of SHORT) {
      for (const inner of [1_023, 1_024]) {
        for (const how of FILLS) {
          const a = filled({ type, rows: 5, columns: inner }, how, 1);
          const b = filled({ type: "i16", rows: 19, columns: inner }, how, 2);
          expectSame("matmul", [a, b], { type: "i32", rows: 5, columns: 19 });
        }
      }
    }
  });

  it("requantise", () => {
    const more = {
      from: fc.constantFrom(...NARROW),
      to: fc.constantFrom(...NARROW),
      multiplier: fc.oneof(
        fc.constant(1),
        fc.integer({ min: 1, max: 70_000 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      ),
    };
    fc.assert(
      fc.property(fc.record({ ...common, ...more }), ({ rows, columns, multiplier, ...c }) => {
        const x = filled({ type: c.from, rows, columns }, c.fill, c.seed);
        expectSame("requantise", [x], saturating(c.to, rows, columns, c.seed), { multiplier, shift: c.shift });
      }),
      RUNS,
    );
  });

  it("requantise at ties", () => {
    for (let places = 1; places <= 30; places++) {
      const x = Int32Array.from({ length: 33 }, (_, i) => Math.imul(i - 16, 2 ** (places - 1)) + ((i % 3) - 1));
      const shape = { type: "i32", rows: 3, columns: 11 } as const;
      expectSame("requantise", [{ ...shape, elements: x }], shape, { multiplier: 1, shift: places });
    }
  });

  it("gate", () => {
    const types = { type: fc.constantFrom(...SIGNED), by: fc.constantFrom(...NARROW) };
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ type, rows, columns, ...c }) => {
        const x = filled({ type, rows, columns }, c.fill, c.seed);
        const activation = filled({ type: c.by, rows, columns }, c.other, c.seed + 1);
        expectSame("gate", [x, activation], { type, rows, columns });
      }),
      RUNS,
    );
  });

  it("softmaxGradient", () => {
    const shape = { type: "i32", rows: 1, columns: EXP_TABLE_LENGTH } as const;
    const table = { ...shape, elements: decodeTensor(shape, expTableFile()) };
    const types = { type: fc.constantFrom(...SIGNED), to: fc.constantFrom("i16", "i32"), near: fc.boolean() } as const;
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ type, rows, columns, ...c }) => {
        const wide = type === "i32" ? { bounds: HALF } : {};
        const bounds = type !== "i8" && c.near ? { bounds: [-400, 400] as const } : wide;
        const logits = filled({ type, rows, columns, ...bounds }, c.fill, c.seed);
        const labels = filled({ type: "u8", rows, columns: 1, bounds: [0, columns] }, c.other, c.seed + 1);
        expectSame("softmaxGradient", [logits, labels, table], { type: c.to, rows, columns });
      }),
      RUNS,
    );
  });

  it("transpose", () => {
    fc.assert(
      fc.property(fc.record({ ...common, type: fc.constantFrom(...NARROW) }), ({ type, rows, columns, ...c }) => {
        const x = filled({ type, rows, columns }, c.fill, c.seed);
        expectSame("transpose", [x], { type, rows: columns, columns: rows });
      }),
      RUNS,
    );
  });

  it("update", () => {
    const types = { type: fc.constantFrom(...SIGNED), by: fc.constantFrom("i16", "i32") } as const;
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ type, rows, columns, ...c }) => {
        const half = (of: ElementType) => (of === "i32" ? { bounds: HALF } : {});
        const weights = filled({ type, rows, columns, ...half(type) }, c.fill, c.seed);
        const change = filled({ type: c.by, rows, columns, ...half(c.by) }, c.other, c.seed + 1);
        expectSame("update", [weights, change], saturating(type, rows, columns, c.seed), { shift: c.shift });
      }),
      RUNS,
    );
  });

  it("add", () => {
    const terms = fc.array(fc.constantFrom(...NARROW), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(fc.record({ ...common, terms }), ({ rows, columns, ...c }) => {
        const operands = c.terms.map((type, i) =>
          filled({ type, rows, columns }, i % 2 ? c.other : c.fill, c.seed + i),
        );
        expectSame("add", operands, { type: "i32", rows, columns });
      }),
      RUNS,
    );
  });

  it("argmax", () => {
    fc.assert(
      fc.property(fc.record({ ...common, type: fc.constantFrom(...NARROW) }), ({ type, rows, columns, ...c }) => {
        const x = filled({ type, rows, columns }, c.fill, c.seed);
        expectSame("argmax", [x], { type: "i32", rows, columns: 1 });
      }),
      RUNS,
    );
  });

  it("addRow", () => {
    const types = { type: fc.constantFrom(...NARROW), by: fc.constantFrom(...NARROW) };
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ type, rows, columns, ...c }) => {
        const half = (of: ElementType) => (of === "i32" ? { bounds: HALF } : {});
        const x = filled({ type, rows, columns, ...half(type) }, c.fill, c.seed);
        const row = filled({ type: c.by, rows: 1, columns, ...half(c.by) }, c.other, c.seed + 1);
        expectSame("addRow", [x, row], { type: "i32", rows, columns });
      }),
      RUNS,
    );
  });

  it("unfold", () => {
    fc.assert(
      fc.property(fc.record({ ...common, ...images }), ({ type, count, channels, windows, ...c }) => {
        const [down, across] = windowCounts(windows);
        const { height, width, kernel } = windows;
        const x = filled({ type, rows: count * height * width, columns: channels }, c.fill, c.seed);
        const output = { type, rows: count * down * across, columns: kernel ** 2 * channels };
        expectSame("unfold", [x], output, { arguments: windowsArguments(windows) });
      }),
      RUNS,
    );
  });

  it("fold", () => {
    fc.assert(
      fc.property(fc.record({ ...common, ...images }), ({ type, count, channels, windows: { kernel }, ...c }) => {
        const [down, across] = [(c.rows % 5) + 1, (c.columns % 5) + 1];
        const [height, width] = [down * kernel, across * kernel];
        const x = filled({ type, rows: count * down * across, columns: kernel ** 2 * channels }, c.fill, c.seed);
        const output = { type, rows: count * height * width, columns: channels };
        const tiles = windowsArguments({ height, width, kernel, stride: kernel, padding: 0 });
        expectSame("fold", [x], output, { arguments: tiles });
      }),
      RUNS,
    );
  });

  it("rotate", () => {
    fc.assert(
      fc.property(fc.record({ ...common, ...images }), ({ type, rows, channels, windows: { kernel }, ...c }) => {
        const area = kernel ** 2;
        const x = filled({ type, rows, columns: area * channels }, c.fill, c.seed);
        expectSame("rotate", [x], { type, rows: channels, columns: area * rows }, { arguments: [area, 0] });
      }),
      RUNS,
    );
  });

  it("reshape and tail", () => {
    fc.assert(
      fc.property(fc.record({ ...common, type: fc.constantFrom(...NARROW) }), ({ type, rows, columns, ...c }) => {
        const x = filled({ type, rows, columns }, c.fill, c.seed);
        expectSame("reshape", [x], { type, rows: 1, columns: rows * columns });
        expectSame("tail", [x], { type, rows: Math.min(rows, c.inner), columns });
      }),
      RUNS,
    );
  });

  it("maxPool and poolGradient", () => {
    const types = { type: fc.constantFrom(...NARROW), of: fc.constantFrom(...SIGNED), groups: smallSize };
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ type, rows, columns, groups, ...c }) => {
        const x = filled({ type, rows, columns: groups * columns }, c.fill, c.seed);
        const parameters = { arguments: [groups, 0] } as const;
        expectSame("maxPool", [x], { type, rows, columns }, parameters);
        const gradient = filled({ type: c.of, rows, columns }, c.other, c.seed + 1);
        expectSame("poolGradient", [gradient, x], { type: c.of, rows, columns: x.columns }, parameters);
      }),
      RUNS,
    );
  });

  it("accumulate, and the end of its chain over transposed matrices, with sums that wrap", () => {
    const types = { left: fc.constantFrom(...SHORT), right: fc.constantFrom(...SHORT), isLong: fc.nat(9) };
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ shift: places, ...c }) => {
        const inner = c.isLong === 0 ? 1_000 + 13 * c.inner * (c.columns % 8) : c.inner;
        const [rows, columns] = c.isLong === 0 ? [(c.rows % 5) + 1, (c.columns % 9) + 1] : [c.rows, c.columns];
        const a = filled({ type: c.left, rows, columns: inner }, c.fill, c.seed);
        const b = filled({ type: c.right, rows: columns, columns: inner }, c.other, c.seed + 1);
        const output = { type: "i32", rows: Math.ceil(inner / 1_024) * rows, columns } as const;
        expectSame("accumulate", [a, b], output, { shift: places });
        const chain = { ...output, elements: runReference("accumulate", [a, b], output, { shift: places }) };
        const end = { type: "i32", rows, columns } as const;
        const expected = runReference("tail", [chain], end, {});
        const actual = runKernel(endOfColumns, "accumulate", [a, b].map(turned), end, { shift: places });
        expect(equalBytes(bytesOf(actual), bytesOf(expected))).to.equal(true);
      }),
      RUNS,
    );
  });

  it("products of windows, without unfolding the images", () => {
    fc.assert(
      fc.property(fc.record({ ...common, ...images, by: fc.constantFrom(...SHORT) }), (c) => {
        const type = c.type === "i32" ? "i16" : c.type;
        const [down, across] = windowCounts(c.windows);
        const { height, width, kernel } = c.windows;
        const channels = (c.channels % 6) + 1;
        const x = filled({ type, rows: c.count * height * width, columns: channels }, c.fill, c.seed);
        const shape = { type, rows: c.count * down * across, columns: kernel ** 2 * channels };
        const parameters = { arguments: windowsArguments(c.windows) };
        const rows = { ...shape, elements: runReference("unfold", [x], shape, parameters) };
        const kernels = filled({ type: c.by, rows: c.rows, columns: shape.columns }, c.other, c.seed + 1);
        const sums = { type: "i32", rows: shape.rows, columns: c.rows } as const;
        const expected = runReference("matmul", [rows, kernels], sums, {});
        const actual = runKernel(productOfWindows(c.windows), "matmul", [x, kernels], sums, {});
        expect(equalBytes(bytesOf(actual), bytesOf(expected))).to.equal(true);
      }),
      RUNS,
    );
  });

  it("products of transposed matrices, and updates by them", () => {
    const types = { left: fc.constantFrom(...SHORT), right: fc.constantFrom(...SHORT) };
    fc.assert(
      fc.property(fc.record({ ...common, ...types }), ({ rows, columns, inner, ...c }) => {
        const a = filled({ type: c.left, rows: inner, columns: rows }, c.fill, c.seed);
        const b = filled({ type: c.right, rows: inner, columns }, c.other, c.seed + 1);
        const sums = { type: "i32", rows, columns } as const;
        const product = runReference("matmul", [a, b].map(turned), sums, {});
        expect(equalBytes(bytesOf(runKernel(productOfColumns, "matmul", [a, b], sums, {})), bytesOf(product))).to.equal(
          true,
        );

        const weights = filled({ type: "i16", rows, columns }, c.fill, c.seed + 2);
        const output = saturating("i16", rows, columns, c.seed);
        const change = { ...sums, elements: product };
        const expected = runReference("update", [weights, change], output, { shift: c.shift });
        const actual = runKernel(updateByProduct, "update", [weights, a, b], output, { shift: c.shift });
        expect(equalBytes(bytesOf(actual), bytesOf(expected))).to.equal(true);
      }),
      RUNS,
    );
  });
});
