import { columnsOf, ensureAccumulator, ensureContains, ensureRowLength, ensureShape, ensureType } from "../checks.ts";
import { entryAt, magnitude, rowsOf } from "../checks.ts";
import { narrow, operand, type NarrowElements, type Operation } from "../operation.ts";

/** Columns of the dense operand that are summed at once, in registers. */
const BLOCK = 8;

/**
 * output[i][j] = sum over k of a[i][k] * b[j][k], exactly: the product of a with b transposed.
 * One operand is walked by its non-zero elements, which images and rectified activations have few of.
 */
export const matmul: Operation = {
  arity: [2, 2],
  parameters: [],
  check(site) {
    const a = entryAt(site, 0);
    const b = entryAt(site, 1);
    ensureType(site, a, "i8", "u8", "i16");
    ensureType(site, b, "i8", "u8", "i16");
    ensureType(site, site.output, "i32");
    ensureShape(site, b, rowsOf(b), columnsOf(a));
    ensureShape(site, site.output, rowsOf(a), rowsOf(b));
    ensureRowLength(site, a.columns);
    const reach = magnitude(a) * magnitude(b) * BigInt(a.columns);
    ensureAccumulator(site, reach);
    ensureContains(site, -reach, reach);
  },
  bind(binding) {
    const { output } = binding;
    const a = operand(binding, 0);
    const b = operand(binding, 1);
    const aIsSparse = a.entry.type === "u8" || b.entry.type !== "u8";
    const sparse = aIsSparse ? a : b;
    const dense = aIsSparse ? b : a;
    const inner = a.columns;
    const width = Math.ceil(dense.rows / BLOCK) * BLOCK;
    const packed = new Int16Array(inner * width);
    const offsets = new Int32Array(inner);
    const values = new Int32Array(inner);
    const sums = new Int32Array(width);
    const rowStep = aIsSparse ? output.columns : 1;
    const columnStep = aIsSparse ? 1 : output.columns;
    return () => {
      packTransposed(narrow(dense), dense.rows, inner, width, packed);
      const elements = narrow(sparse);
      const result = narrow(output);
      for (let row = 0; row < sparse.rows; row++) {
        const count = listNonZero(elements, row * inner, inner, width, offsets, values);
        sumRows(packed, offsets, values, count, width, sums);
        for (let j = 0, at = row * rowStep; j < dense.rows; j++, at += columnStep) result[at] = sums[j] as number;
      }
    };
  },
};

function packTransposed(source: NarrowElements, rows: number, inner: number, width: number, packed: Int16Array): void {
  for (let row = 0; row < rows; row++) {
    const from = row * inner;
    for (let k = 0; k < inner; k++) packed[k * width + row] = source[from + k] as number;
  }
}

/** Free of branches, which would be mispredicted: the last entry stays in the list only if its value is not 0. */
function listNonZero(
  elements: NarrowElements,
  from: number,
  inner: number,
  width: number,
  offsets: Int32Array,
  values: Int32Array,
): number {
  let count = 0;
  for (let k = 0; k < inner; k++) {
    const value = elements[from + k] as number;
    offsets[count] = k * width;
    values[count] = value;
    count += (value | -value) >>> 31;
  }
  return count;
}

function sumRows(
  packed: Int16Array,
  offsets: Int32Array,
  values: Int32Array,
  count: number,
  width: number,
  sums: Int32Array,
): void {
  for (let block = 0; block < width; block += BLOCK) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      const at = (offsets[i] as number) + block;
      s0 = (s0 + Math.imul(value, packed[at] as number)) | 0;
      s1 = (s1 + Math.imul(value, packed[at + 1] as number)) | 0;
      s2 = (s2 + Math.imul(value, packed[at + 2] as number)) | 0;
      s3 = (s3 + Math.imul(value, packed[at + 3] as number)) | 0;
      s4 = (s4 + Math.imul(value, packed[at + 4] as number)) | 0;
      s5 = (s5 + Math.imul(value, packed[at + 5] as number)) | 0;
      s6 = (s6 + Math.imul(value, packed[at + 6] as number)) | 0;
      s7 = (s7 + Math.imul(value, packed[at + 7] as number)) | 0;
    }
    sums[block] = s0;
    sums[block + 1] = s1;
    sums[block + 2] = s2;
    sums[block + 3] = s3;
    sums[block + 4] = s4;
    sums[block + 5] = s5;
    sums[block + 6] = s6;
    sums[block + 7] = s7;
  }
}
