import { addressOf, bounds, operand, typeCode, type KernelFace, type MemoryTensor } from "./operation.ts";
import type { TensorEntry } from "./program.ts";
import type { Kernels } from "./wasm/kernels.ts";

/** Columns of the tiles that the first and the second operand of a product of transposed matrices are brought into. */
const LEFT_WIDTH = 4;
const RIGHT_WIDTH = 8;

type Shape = Pick<TensorEntry, "type" | "rows" | "columns">;

/** An operand in the form that a product reads, and what brings it there. */
interface Packed {
  readonly address: number;
  readonly pack: () => void;
}

/** matmul: out[i][j] = sum over k of a[i][k] b[j][k]. */
export const productOfRows: KernelFace = {
  scratchBytes: (operands) => operands.reduce((total, entry) => total + rowsBytes(entry), 0),
  bind(binding, kernels, scratch) {
    const { output } = binding;
    const [left, right] = [operand(binding, 0), operand(binding, 1)];
    const a = inRows(left, kernels, scratch);
    const b = inRows(right, kernels, scratch + rowsBytes(left.entry));
    const to = addressOf(output);
    const inner = roundUp(left.columns, 8);
    return () => {
      a.pack();
      b.pack();
      kernels.multiplyRows(a.address, b.address, to, output.rows, output.columns, inner);
    };
  },
};

/** matmul of two transposed matrices, from the matrices themselves: out[i][j] = sum over k of a[k][i] b[k][j]. */
export const productOfColumns: KernelFace = {
  scratchBytes: ([a, b]) => tilesBytes(a, LEFT_WIDTH) + tilesBytes(b, RIGHT_WIDTH),
  bind(binding, kernels, scratch) {
    const { output } = binding;
    const [left, right] = [operand(binding, 0), operand(binding, 1)];
    const a = inTiles(left, LEFT_WIDTH, kernels, scratch);
    const b = inTiles(right, RIGHT_WIDTH, kernels, scratch + tilesBytes(left.entry, LEFT_WIDTH));
    const to = addressOf(output);
    const pairs = Math.ceil(left.rows / 2);
    return () => {
      a.pack();
      b.pack();
      kernels.multiplyTiles(a.address, b.address, to, output.rows, output.columns, pairs, 0, 1, 0, 0);
    };
  },
};

/** update of i16 weights by such a product, which is never written: out = sat(weights - rshr(product, shift)). Operands are weights, a, b. */
export const updateByProduct: KernelFace = {
  scratchBytes: ([, a, b]) => tilesBytes(a, LEFT_WIDTH) + tilesBytes(b, RIGHT_WIDTH),
  bind(binding, kernels, scratch) {
    const { operation, output } = binding;
    const [left, right] = [operand(binding, 1), operand(binding, 2)];
    const a = inTiles(left, LEFT_WIDTH, kernels, scratch);
    const b = inTiles(right, RIGHT_WIDTH, kernels, scratch + tilesBytes(left.entry, LEFT_WIDTH));
    const [from, to] = [addressOf(operand(binding, 0)), addressOf(output)];
    const [lowest, highest] = bounds(output.entry);
    const pairs = Math.ceil(left.rows / 2);
    const { shift } = operation;
    const { rows, columns } = output;
    return () => {
      a.pack();
      b.pack();
      kernels.multiplyTiles(a.address, b.address, to, rows, columns, pairs, from, shift, lowest, highest);
    };
  },
};

/** Rows of i16 in whole vectors are read where they lie. */
function isInRows({ type, columns }: Shape): boolean {
  return type === "i16" && columns % 8 === 0;
}

function rowsBytes(shape: Shape): number {
  return isInRows(shape) ? 0 : roundUp(2 * shape.rows * roundUp(shape.columns, 8), 16);
}

function inRows({ entry, elements }: MemoryTensor, kernels: Kernels, scratch: number): Packed {
  const from = elements.byteOffset;
  if (isInRows(entry)) return { address: from, pack: () => undefined };
  const type = typeCode(entry);
  const pack = (): void => {
    kernels.packRows(from, type, scratch, entry.rows, entry.columns);
  };
  return { address: scratch, pack };
}

function tilesBytes(shape: Shape | undefined, width: number): number {
  return shape === undefined ? 0 : 4 * Math.ceil(shape.rows / 2) * roundUp(shape.columns, width);
}

function inTiles({ entry, elements }: MemoryTensor, width: number, kernels: Kernels, scratch: number): Packed {
  const from = elements.byteOffset;
  const type = typeCode(entry);
  const pack = (): void => {
    kernels.packTiles(from, type, scratch, entry.rows, entry.columns, width);
  };
  return { address: scratch, pack };
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
