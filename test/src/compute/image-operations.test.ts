import { expect } from "chai";
import fc from "fast-check";

import type { Elements, ElementType } from "../../../src/core/tensor.ts";
import { TYPE_RANGES } from "../../../src/compute/checks.ts";
import type { TensorSpec } from "../../../src/compute/program-builder.ts";
import type { OperationName } from "../../../src/compute/program.ts";
import { windowCounts, windowsArguments, type Windows } from "../../../src/compute/windows.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { big, elements, rshr, windowsOnImages } from "../../support/exact.ts";
import { runOperation, type SingleOperation } from "../../support/single-operation.ts";

const RUNS = { numRuns: 150, seed: 0x61a55 };
const size = fc.integer({ min: 1, max: 9 });
const type = fc.constantFrom<ElementType>("i8", "u8", "i16", "i32");
/** Factors whose sums with bytes fit 32 bits. */
const HALF_BYTES = [-8_192n, 8_191n] as const;
const signed = fc.constantFrom<ElementType>("i8", "i16", "i32");

const windows = windowsOnImages(9);

/** A matrix by its elements: `at(i, j)`. */
function matrix(values: Elements, columns: number): (i: number, j: number) => bigint {
  const exact = big(values);
  return (i, j) => exact[i * columns + j] as bigint;
}

/** All elements of a matrix by a formula. */
function each({ rows, columns }: TensorSpec, formula: (i: number, j: number) => bigint): bigint[] {
  return Array.from({ length: rows * columns }, (_, at) => formula(Math.floor(at / columns), at % columns));
}

/** Runs one operation on one operand and compares each element of its output with a formula. */
function expectEach(
  single: SingleOperation,
  inputs: readonly Elements[],
  formula: (i: number, j: number) => bigint,
): void {
  expect(big(runOperation(single, inputs))).to.deep.equal(each(single.output, formula));
}

describe("operations on images against exact integers", () => {
  it("addRow", () => {
    const cases = fc
      .record({
        rows: size,
        columns: size,
        type: signed.filter((of) => of !== "i32"),
        by: type.filter((of) => of !== "i32"),
      })
      .chain((c) => fc.tuple(fc.constant(c), elements(c.type, c.rows * c.columns), elements(c.by, c.columns)));
    fc.assert(
      fc.property(cases, ([{ rows, columns, ...c }, x, row]) => {
        const operands = [
          { type: c.type, rows, columns },
          { type: c.by, rows: 1, columns },
        ];
        const [a, b] = [matrix(x, columns), matrix(row, columns)];
        const output = { type: "i32", rows, columns } as const;
        expectEach({ name: "addRow", operands, output }, [x, row], (i, j) => a(i, j) + b(0, j));
      }),
      RUNS,
    );
  });

  it("unfold", () => {
    const cases = fc
      .record({ windows, images: fc.integer({ min: 1, max: 3 }), channels: fc.integer({ min: 1, max: 5 }), type })
      .chain((c) =>
        fc.tuple(fc.constant(c), elements(c.type, c.images * c.windows.height * c.windows.width * c.channels)),
      );
    fc.assert(
      fc.property(cases, ([c, x]) => {
        const { height: H, width: W, kernel: k, stride: s, padding: p } = c.windows;
        const [OH, OW] = windowCounts(c.windows);
        const a = matrix(x, c.channels);
        const single = {
          name: "unfold",
          operands: [{ type: c.type, rows: c.images * H * W, columns: c.channels }],
          output: { type: c.type, rows: c.images * OH * OW, columns: k * k * c.channels },
          parameters: { arguments: windowsArguments(c.windows) },
        } as const;
        const actual = matrix(runOperation(single, [x]), single.output.columns);
        for (let b = 0; b < c.images; b++) {
          for (const [y, xx, ky, kx, channel] of places(OH, OW, k, k, c.channels)) {
            const [row, column] = [y * s + ky - p, xx * s + kx - p];
            const isInside = row >= 0 && row < H && column >= 0 && column < W;
            const expected = isInside ? a((b * H + row) * W + column, channel) : 0n;
            expect(actual((b * OH + y) * OW + xx, (ky * k + kx) * c.channels + channel)).to.equal(expected);
          }
        }
      }),
      RUNS,
    );
  });

  it("fold gives back what unfold took apart", () => {
    const cases = fc
      .record({ down: size, across: size, kernel: fc.integer({ min: 1, max: 3 }), images: size, channels: size, type })
      .chain((c) =>
        fc.tuple(fc.constant(c), elements(c.type, c.images * c.down * c.across * c.kernel ** 2 * c.channels)),
      );
    fc.assert(
      fc.property(cases, ([c, x]) => {
        const [height, width] = [c.down * c.kernel, c.across * c.kernel];
        const parameters = {
          arguments: windowsArguments({ height, width, kernel: c.kernel, stride: c.kernel, padding: 0 }),
        };
        const images = { type: c.type, rows: c.images * height * width, columns: c.channels };
        const rows = { type: c.type, rows: c.images * c.down * c.across, columns: c.kernel ** 2 * c.channels };
        const taken = runOperation({ name: "unfold", operands: [images], output: rows, parameters }, [x]);
        expect(runOperation({ name: "fold", operands: [rows], output: images, parameters }, [taken])).to.deep.equal(x);
      }),
      RUNS,
    );
  });

  it("rotate, reshape, tail", () => {
    const cases = fc
      .record({ area: size, inputs: size, outputs: size, type })
      .chain((c) => fc.tuple(fc.constant(c), elements(c.type, c.area * c.inputs * c.outputs)));
    fc.assert(
      fc.property(cases, ([{ area: A, inputs: I, outputs: O, ...c }, x]) => {
        const spec = { type: c.type, rows: O, columns: A * I };
        const a = matrix(x, A * I);
        const turned = { type: c.type, rows: I, columns: A * O };
        const parameters = { arguments: [A, 0] } as const;
        expectEach({ name: "rotate", operands: [spec], output: turned, parameters }, [x], (i, j) =>
          a(j % O, (A - 1 - Math.floor(j / O)) * I + i),
        );
        const reshaped = { name: "reshape", operands: [spec], output: turned } as const;
        expect(runOperation(reshaped, [x])).to.deep.equal(x);
        const rows = Math.ceil(O / 2);
        expectEach({ name: "tail", operands: [spec], output: { ...spec, rows } }, [x], (i, j) => a(O - rows + i, j));
      }),
      RUNS,
    );
  });

  it("maxPool and poolGradient, at ties too", () => {
    const cases = fc
      .record({ rows: size, groups: size, channels: size, type, of: signed, isFlat: fc.boolean() })
      .chain((c) =>
        fc.tuple(
          fc.constant(c),
          elements(c.type, c.rows * c.groups * c.channels, c.isFlat ? [3n, 4n] : TYPE_RANGES[c.type]),
          elements(c.of, c.rows * c.channels),
        ),
      );
    fc.assert(
      fc.property(cases, ([{ rows, groups, channels: C, ...c }, x, gradient]) => {
        const spec = { type: c.type, rows, columns: groups * C };
        const parameters = { arguments: [groups, 0] } as const;
        const a = matrix(x, groups * C);
        const group = (i: number, channel: number): bigint[] =>
          Array.from({ length: groups }, (_, q) => a(i, q * C + channel));
        const greatest = (values: bigint[]): bigint => values.reduce((one, other) => (other > one ? other : one));
        const pooled = { type: c.type, rows, columns: C };
        expectEach({ name: "maxPool", operands: [spec], output: pooled, parameters }, [x], (i, j) =>
          greatest(group(i, j)),
        );
        const above = { type: c.of, rows, columns: C };
        const g = matrix(gradient, C);
        const output = { ...spec, type: c.of };
        const single = { name: "poolGradient", operands: [above, spec], output, parameters } as const;
        expectEach(single, [gradient, x], (i, j) => {
          const values = group(i, j % C);
          return values.indexOf(greatest(values)) === Math.floor(j / C) ? g(i, j % C) : 0n;
        });
      }),
      RUNS,
    );
  });

  it("accumulate is a chain over chunks of 1,024", () => {
    const lengths = fc.constantFrom(1, 7, 1_023, 1_024, 1_025, 3_000);
    const cases = fc
      .record({ inner: lengths, shift: fc.integer({ min: 1, max: 22 }) })
      .chain((c) => fc.tuple(fc.constant(c), elements("i16", 2 * c.inner, HALF_BYTES), elements("u8", 3 * c.inner)));
    fc.assert(
      fc.property(cases, ([{ inner, shift }, x, y]) => {
        const [a, b] = [matrix(x, inner), matrix(y, inner)];
        const chunk = (e: number, i: number, j: number): bigint => {
          let sum = 0n;
          for (let k = 1_024 * e; k < Math.min(inner, 1_024 * (e + 1)); k++) sum += a(i, k) * b(j, k);
          return rshr(sum, shift);
        };
        const single = {
          name: "accumulate",
          operands: [
            { type: "i16", rows: 2, columns: inner, bounds: HALF_BYTES },
            { type: "u8", rows: 3, columns: inner },
          ],
          output: { type: "i32", rows: 2 * Math.ceil(inner / 1_024), columns: 3 },
          parameters: { shift },
        } as const;
        const sums: bigint[][] = [];
        expectEach(single, [x, y], (i, j) => {
          const e = Math.floor(i / 2);
          const before = i < 2 ? 0n : (sums[i - 2]?.[j] as bigint);
          return ((sums[i] ??= [])[j] = before + chunk(e, i % 2, j));
        });
      }),
      { numRuns: 20, seed: 0x61a55 },
    );
  });

  const byte = { type: "i8", rows: 36, columns: 2 } as const;
  const word = { type: "i32", rows: 36, columns: 2 } as const;
  const rows = { type: "i8", rows: 16, columns: 18 } as const;
  const geometry = { height: 6, width: 6, kernel: 3, stride: 1, padding: 0 };
  const windowed = (
    name: OperationName,
    from: TensorSpec,
    to: TensorSpec,
    change: Partial<Windows>,
  ): SingleOperation => ({
    name,
    operands: [from],
    output: to,
    parameters: { arguments: windowsArguments({ ...geometry, ...change }) },
  });
  const tiled = { stride: 3 };
  const tiles = { type: "i8", rows: 4, columns: 18 } as const;
  const grouped = (
    name: OperationName,
    operands: TensorSpec[],
    output: TensorSpec,
    groups: number,
  ): SingleOperation => ({
    name,
    operands,
    output,
    parameters: { arguments: [groups, 0] },
  });
  const long = { type: "i16", rows: 2, columns: 2_048, bounds: [-64, 64] } as const;
  const bytes = { type: "u8", rows: 3, columns: 2_048 } as const;
  const sums = { type: "i32", rows: 4, columns: 3 } as const;
  const chain = (left: TensorSpec, right: TensorSpec, output: TensorSpec, shift: number): SingleOperation => ({
    name: "accumulate",
    operands: [left, right],
    output,
    parameters: { shift },
  });
  const cases: Record<string, [SingleOperation, string]> = {
    "a sum of 33 bits": [
      { name: "addRow", operands: [word, { ...word, rows: 1 }], output: word },
      "COMPUTE_BOUNDS_MISMATCH",
    ],
    "a row of another length": [
      { name: "addRow", operands: [byte, { ...byte, rows: 1, columns: 3 }], output: word },
      "COMPUTE_SHAPE_MISMATCH",
    ],
    "two rows to add": [
      { name: "addRow", operands: [byte, { ...byte, rows: 2 }], output: word },
      "COMPUTE_SHAPE_MISMATCH",
    ],
    "a sum of bytes in bytes": [
      { name: "addRow", operands: [byte, { ...byte, rows: 1 }], output: byte },
      "COMPUTE_TYPE_MISMATCH",
    ],
    "rows of a job's number": [
      { name: "reshape", operands: [{ ...byte, rowExtent: "samples" }], output: { ...byte, rowExtent: "samples" } },
      "COMPUTE_SHAPE_MISMATCH",
    ],
    "images of no height": [windowed("unfold", byte, rows, { height: 0, width: 36 }), "COMPUTE_PARAMETER_INVALID"],
    "images of 4,097 columns": [windowed("unfold", byte, rows, { width: 4_097 }), "COMPUTE_PARAMETER_INVALID"],
    "a kernel of 0": [windowed("unfold", byte, rows, { kernel: 0 }), "COMPUTE_PARAMETER_INVALID"],
    "a kernel of 65": [windowed("unfold", byte, rows, { kernel: 65, padding: 64 }), "COMPUTE_PARAMETER_INVALID"],
    "a stride of 0": [windowed("unfold", byte, rows, { stride: 0 }), "COMPUTE_PARAMETER_INVALID"],
    "a stride above the kernel": [windowed("unfold", byte, rows, { stride: 4 }), "COMPUTE_PARAMETER_INVALID"],
    "a padding of the kernel": [windowed("unfold", byte, rows, { padding: 3 }), "COMPUTE_PARAMETER_INVALID"],
    "a kernel larger than the image": [windowed("unfold", byte, rows, { kernel: 7 }), "COMPUTE_PARAMETER_INVALID"],
    "negative windows": [
      { name: "unfold", operands: [byte], output: rows, parameters: { arguments: [6 * 2 ** 16 + 6, -1] } },
      "COMPUTE_PARAMETER_INVALID",
    ],
    "half an image": [windowed("unfold", { ...byte, rows: 54 }, rows, {}), "COMPUTE_PARAMETER_INVALID"],
    "windows in other numbers": [windowed("unfold", byte, { ...rows, rows: 15 }, {}), "COMPUTE_SHAPE_MISMATCH"],
    "windows of another type": [windowed("unfold", byte, { ...rows, type: "i16" }, {}), "COMPUTE_TYPE_MISMATCH"],
    "padding that is out of bounds": [
      windowed(
        "unfold",
        { ...byte, bounds: [1, 5] },
        { type: "i8", rows: 36, columns: 18, bounds: [1, 5] },
        { padding: 1 },
      ),
      "COMPUTE_BOUNDS_MISMATCH",
    ],
    "windows that overlap": [windowed("fold", rows, byte, {}), "COMPUTE_PARAMETER_INVALID"],
    "windows that do not tile": [windowed("fold", tiles, byte, { ...tiled, width: 7 }), "COMPUTE_PARAMETER_INVALID"],
    "a window too few": [windowed("fold", { ...tiles, rows: 3 }, byte, tiled), "COMPUTE_PARAMETER_INVALID"],
    "windows with a part of a channel": [
      windowed("fold", { ...tiles, columns: 17 }, byte, tiled),
      "COMPUTE_PARAMETER_INVALID",
    ],
    "images of more channels": [windowed("fold", tiles, { ...byte, columns: 3 }, tiled), "COMPUTE_SHAPE_MISMATCH"],
    "kernels of another area": [grouped("rotate", [rows], rows, 5), "COMPUTE_PARAMETER_INVALID"],
    "kernels of no area": [grouped("rotate", [rows], rows, 0), "COMPUTE_PARAMETER_INVALID"],
    "kernels that are not turned": [grouped("rotate", [rows], rows, 9), "COMPUTE_SHAPE_MISMATCH"],
    "an element too many": [{ name: "reshape", operands: [byte], output: rows }, "COMPUTE_PARAMETER_INVALID"],
    "more rows than there are": [
      { name: "tail", operands: [byte], output: { ...byte, rows: 37 } },
      "COMPUTE_PARAMETER_INVALID",
    ],
    "the end of other rows": [
      { name: "tail", operands: [byte], output: { ...byte, columns: 1 } },
      "COMPUTE_SHAPE_MISMATCH",
    ],
    "groups that do not divide": [grouped("maxPool", [rows], { ...rows, columns: 3 }, 5), "COMPUTE_PARAMETER_INVALID"],
    "no groups": [grouped("maxPool", [rows], rows, 0), "COMPUTE_PARAMETER_INVALID"],
    "pools of another size": [grouped("maxPool", [rows], { ...rows, columns: 3 }, 9), "COMPUTE_SHAPE_MISMATCH"],
    "pools too long to judge": [
      grouped("maxPool", [{ ...rows, columns: 1_026 }], { ...rows, columns: 513 }, 2),
      "COMPUTE_ROW_TOO_LONG",
    ],
    "gradients of pools too long to judge": [
      grouped(
        "poolGradient",
        [
          { ...rows, columns: 513 },
          { ...rows, columns: 1_026 },
        ],
        { ...rows, columns: 1_026 },
        2,
      ),
      "COMPUTE_ROW_TOO_LONG",
    ],
    "a gradient of other pools": [
      grouped("poolGradient", [{ ...rows, columns: 2 }, rows], rows, 8),
      "COMPUTE_SHAPE_MISMATCH",
    ],
    "an unsigned gradient": [
      grouped("poolGradient", [{ ...rows, type: "u8", columns: 2 }, rows], { ...rows, type: "u8" }, 9),
      "COMPUTE_TYPE_MISMATCH",
    ],
    "a gradient that cannot be 0": [
      grouped("poolGradient", [{ ...rows, columns: 2, bounds: [1, 2] }, rows], { ...rows, bounds: [1, 2] }, 9),
      "COMPUTE_BOUNDS_MISMATCH",
    ],
    "a chunk of 33 bits": [chain({ ...long, bounds: [-8_224, 8_224] }, bytes, sums, 24), "COMPUTE_OVERFLOW"],
    "chunks of 33 bits together": [
      chain(
        { ...long, columns: 3_072, bounds: [-8_192, 8_191] },
        { ...bytes, columns: 3_072 },
        { ...sums, rows: 6 },
        1,
      ),
      "COMPUTE_BOUNDS_MISMATCH",
    ],
    "a block too few": [chain(long, bytes, { ...sums, rows: 2 }, 4), "COMPUTE_SHAPE_MISMATCH"],
    "factors of other lengths": [chain(long, { ...bytes, columns: 2_047 }, sums, 4), "COMPUTE_SHAPE_MISMATCH"],
    "factors of 32 bits": [chain({ ...long, type: "i32" }, bytes, sums, 4), "COMPUTE_TYPE_MISMATCH"],
    "an unrounded chain": [chain(long, bytes, sums, 0), "COMPUTE_PARAMETER_INVALID"],
  };
  for (const [what, [single, code]] of Object.entries(cases)) {
    it(`refuses ${what}`, () => {
      expect(errorCodeOf(() => runOperation(single, []))).to.equal(code);
    });
  }
});

/** All index tuples below the limits, the last fastest. */
function places(...limits: readonly number[]): [number, number, number, number, number][] {
  return limits.reduce<number[][]>(
    (all, limit) => all.flatMap((start) => Array.from({ length: limit }, (_, i) => [...start, i])),
    [[]],
  ) as [number, number, number, number, number][];
}
