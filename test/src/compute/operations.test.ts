import { expect } from "chai";
import fc from "fast-check";

import type { Elements, ElementType } from "../../../src/core/tensor.ts";
import { TYPE_RANGES } from "../../../src/compute/checks.ts";
import { EXP_TABLE_LENGTH, expTableFile } from "../../../src/compute/exp-table.ts";
import { initHash, sampleAt } from "../../../src/compute/randomness.ts";
import { big, elements, rshr, sat } from "../../support/exact.ts";
import { runOperation } from "../../support/single-operation.ts";

const RUNS = { numRuns: 150, seed: 0x61a55 };
const size = fc.integer({ min: 1, max: 21 });

describe("operations against exact integers", () => {
  it("matmul", () => {
    const shapes = fc
      .record({
        m: size,
        n: size,
        k: size,
        a: fc.constantFrom<ElementType>("i8", "u8", "i16"),
        b: fc.constantFrom<ElementType>("i8", "u8"),
      })
      .chain((s) => fc.tuple(fc.constant(s), elements(s.a, s.m * s.k), elements(s.b, s.n * s.k)));
    fc.assert(
      fc.property(shapes, ([{ m, n, k, a, b }, x, y]) => {
        const actual = runOperation(
          {
            name: "matmul",
            operands: [
              { type: a, rows: m, columns: k },
              { type: b, rows: n, columns: k },
            ],
            output: { type: "i32", rows: m, columns: n },
          },
          [x, y],
        );
        const left = big(x);
        const right = big(y);
        const expected = Array.from({ length: m * n }, (_, at) => {
          const i = Math.floor(at / n);
          const j = at % n;
          let total = 0n;
          for (let e = 0; e < k; e++) total += (left[i * k + e] as bigint) * (right[j * k + e] as bigint);
          return total;
        });
        expect(big(actual)).to.deep.equal(expected);
      }),
      RUNS,
    );
  });

  it("matmul at the greatest sums that 32 bits hold", () => {
    const bounds = [-10_741, 10_741] as const;
    for (const weight of bounds) {
      const actual = runOperation(
        {
          name: "matmul",
          operands: [
            { type: "u8", rows: 1, columns: 784 },
            { type: "i16", rows: 2, columns: 784, bounds },
          ],
          output: { type: "i32", rows: 1, columns: 2 },
        },
        [new Uint8Array(784).fill(255), new Int16Array(1568).fill(weight)],
      );
      expect([...(actual as Int32Array)]).to.deep.equal([784 * 255 * weight, 784 * 255 * weight]);
    }
  });

  it("requantise", () => {
    const cases = fc
      .record({
        type: fc.constantFrom<ElementType>("i8", "i16", "i32", "u8"),
        multiplier: fc.integer({ min: 1, max: 100 }),
        shift: fc.integer({ min: 1, max: 20 }),
        count: size,
      })
      .chain((c) => fc.tuple(fc.constant(c), elements("i32", c.count, [-(2n ** 24n), 2n ** 24n])));
    fc.assert(
      fc.property(cases, ([{ type, multiplier, shift, count }, x]) => {
        const bounds = [-(2n ** 24n), 2n ** 24n] as const;
        const actual = runOperation(
          {
            name: "requantise",
            operands: [{ type: "i32", rows: 1, columns: count, bounds }],
            output: { type, rows: 1, columns: count },
            parameters: { multiplier, shift },
          },
          [x],
        );
        const [lowest, highest] = TYPE_RANGES[type];
        expect(big(actual)).to.deep.equal(
          big(x).map((value) => sat(rshr(value * BigInt(multiplier), shift), lowest, highest)),
        );
      }),
      RUNS,
    );
  });

  it("rounds halves up, on both sides of zero", () => {
    const x = Int32Array.of(-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5);
    const spec = { type: "i32", rows: 1, columns: x.length, bounds: [-5, 5] } as const;
    const parameters = { multiplier: 1, shift: 1 };
    expect([
      ...(runOperation({ name: "requantise", operands: [spec], output: spec, parameters }, [x]) as Int32Array),
    ]).to.deep.equal([-2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3]);
  });

  it("gate, transpose, setColumn, column, add, update", () => {
    const cases = fc
      .record({ rows: size, columns: size })
      .chain((s) =>
        fc.tuple(
          fc.constant(s),
          elements("i16", s.rows * s.columns),
          elements("i16", s.rows * s.columns),
          fc.integer({ min: 0, max: s.columns - 1 }),
          fc.integer({ min: 1, max: 16 }),
        ),
      );
    fc.assert(
      fc.property(cases, ([shape, x, y, place, shift]) => {
        const spec = { type: "i16", ...shape } as const;
        const exact = new Map([x, y].map((values) => [values, big(values)]));
        const at = (values: Elements, i: number, j: number): bigint =>
          exact.get(values)?.[i * shape.columns + j] as bigint;
        const each = (formula: (i: number, j: number) => bigint): bigint[] =>
          Array.from({ length: shape.rows * shape.columns }, (_, index) =>
            formula(Math.floor(index / shape.columns), index % shape.columns),
          );
        const gated = runOperation({ name: "gate", operands: [spec, spec], output: spec }, [x, y]);
        expect(big(gated)).to.deep.equal(each((i, j) => (at(y, i, j) > 0n ? at(x, i, j) : 0n)));

        const turned = { type: "i16", rows: shape.columns, columns: shape.rows } as const;
        const transposed = runOperation({ name: "transpose", operands: [spec], output: turned }, [x]);
        const back = runOperation({ name: "transpose", operands: [turned], output: spec }, [transposed]);
        expect(back).to.deep.equal(x);
        expect(big(transposed)[place * shape.rows]).to.equal(at(x, 0, place));

        const set = { name: "setColumn", operands: [spec], output: spec } as const;
        const parameters = { arguments: [place, -7] } as const;
        expect(big(runOperation({ ...set, parameters }, [x]))).to.deep.equal(
          each((i, j) => (j === place ? -7n : at(x, i, j))),
        );

        const bytes = Uint8Array.from({ length: shape.rows * 8 }, (_, i) => (i * 37 + shift) & 0xff);
        const field = { type: "i32", rows: shape.rows, columns: 1 } as const;
        const record = { type: "u8", rows: shape.rows, columns: 8 } as const;
        const offset = place % 5;
        const taken = runOperation(
          { name: "column", operands: [record], output: field, parameters: { arguments: [offset, 0] } },
          [bytes],
        );
        const fields = Array.from({ length: shape.rows }, (_, i) => Buffer.from(bytes).readInt32LE(8 * i + offset));
        expect([...(taken as Int32Array)]).to.deep.equal(fields);

        const total = { type: "i32", ...shape } as const;
        const added = runOperation({ name: "add", operands: [spec, spec, spec], output: total }, [x, y, x]);
        expect(big(added)).to.deep.equal(each((i, j) => 2n * at(x, i, j) + at(y, i, j)));

        const clamped = { ...spec, bounds: [-20_000, 15_000] } as const;
        const updated = runOperation(
          { name: "update", operands: [spec, spec], output: clamped, parameters: { shift } },
          [x, y],
        );
        expect(big(updated)).to.deep.equal(
          each((i, j) => sat(at(x, i, j) - rshr(at(y, i, j), shift), -20_000n, 15_000n)),
        );
      }),
      RUNS,
    );
  });

  it("softmaxGradient", () => {
    const table = new Int32Array(expTableFile().buffer, 0, EXP_TABLE_LENGTH);
    const cases = fc
      .record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 12 }) })
      .chain((s) =>
        fc.tuple(
          fc.constant(s),
          fc.oneof(elements("i16", s.rows * s.columns), elements("i16", s.rows * s.columns, [-400n, 400n])),
          elements("u8", s.rows, [0n, 13n]),
        ),
      );
    fc.assert(
      fc.property(cases, ([shape, logits, labels]) => {
        const actual = runOperation(
          {
            name: "softmaxGradient",
            operands: [
              { type: "i16", ...shape },
              { type: "u8", rows: shape.rows, columns: 1 },
              { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH },
            ],
            output: { type: "i16", ...shape },
            constants: [undefined, undefined, expTableFile()],
          },
          [logits, labels],
        );
        const expected: bigint[] = [];
        for (let i = 0; i < shape.rows; i++) {
          const row = big(logits).slice(i * shape.columns, (i + 1) * shape.columns);
          const top = row.reduce((a, b) => (a > b ? a : b));
          const weights = row.map((value) => BigInt(table[Math.min(Number(top - value), 767)] as number));
          const total = weights.reduce((a, b) => a + b);
          weights.forEach((weight, c) => {
            const probability = (weight * 2n ** 14n + total / 2n) / total;
            expected.push(c === labels[i] ? probability - 2n ** 14n : probability);
          });
        }
        expect(big(actual)).to.deep.equal(expected);
      }),
      RUNS,
    );
  });

  it("argmax takes the lowest of equals", () => {
    const x = Int32Array.of(3, 9, 9, 1, -5, -5, -5, -5, 0, 0, 1, 1);
    const actual = runOperation(
      {
        name: "argmax",
        operands: [{ type: "i32", rows: 3, columns: 4 }],
        output: { type: "i32", rows: 3, columns: 1, bounds: [0, 3] },
      },
      [x],
    );
    expect([...(actual as Int32Array)]).to.deep.equal([1, 0, 2]);
  });

  it("init reads four bytes an element", () => {
    const seed = new Uint8Array(32).fill(5);
    const actual = runOperation(
      {
        name: "init",
        operands: [],
        output: { type: "i16", rows: 3, columns: 7, bounds: [-900, 900] },
        parameters: { multiplier: 5732, shift: 11, arguments: [1, 0] },
        section: "init",
      },
      [],
      { seed },
    );
    const expected = Array.from({ length: 21 }, (_, e) => {
      const hash = initHash(seed, 1, Math.floor(e / 8));
      const bytes = hash.subarray(4 * (e % 8), 4 * (e % 8) + 4);
      const noise = bytes.reduce((total, byte) => total + byte, 0) - 510;
      return sat(rshr(BigInt(5732 * noise), 11), -900n, 900n);
    });
    expect(big(actual)).to.deep.equal(expected);
  });

  it("gather follows the shuffle over the end of an epoch", () => {
    const seed = new Uint8Array(32).fill(9);
    const samples = 10;
    const rows = Uint8Array.from({ length: 4 * samples }, (_, at) => at);
    const gathered = runOperation(
      {
        name: "gather",
        operands: [{ role: "samples", type: "u8", rows: 100, columns: 3, rowExtent: "samples" }],
        output: { type: "u8", rows: 6, columns: 3 },
        batch: 6,
      },
      [Uint8Array.from({ length: 3 * samples }, (_, at) => rows[at] as number)],
      { seed, samples },
      7,
    );
    const expected = Array.from({ length: 6 }, (_, i) => sampleAt(seed, 7 + i, samples)).flatMap((row) => [
      3 * row,
      3 * row + 1,
      3 * row + 2,
    ]);
    expect([...(gathered as Uint8Array)]).to.deep.equal(expected);
  });

  it("count and sum are chains over chunks of 1,024", () => {
    const indices = Int32Array.from({ length: 2500 }, (_, i) => (i % 5) - 1);
    const counts = runOperation(
      {
        name: "count",
        operands: [{ role: "credits", type: "i32", rows: 4096, columns: 1, rowExtent: "credits" }],
        output: {
          type: "i32",
          rows: 4,
          rowExtent: "creditChunks",
          columns: 8,
          columnExtent: "accounts",
          bounds: [0, 4096],
        },
        section: "allocate",
      },
      [indices],
      { credits: 2500, accounts: 3 },
    );
    expect([...(counts as Int32Array)]).to.deep.equal([205, 205, 205, 410, 410, 409, 500, 500, 500]);
    const totals = runOperation(
      {
        name: "sum",
        operands: [{ type: "i64", rows: 2500, columns: 1, bounds: [0n, 2n ** 51n] }],
        output: { type: "i64", rows: 3, columns: 1, bounds: [0n, 9_999n] },
        section: "allocate",
      },
      [BigInt64Array.from({ length: 2500 }, () => 5n)],
    );
    expect([...(totals as BigInt64Array)]).to.deep.equal([5120n, 9999n, 9999n]);
  });
});
