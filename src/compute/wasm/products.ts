import { addressOf, bounds, narrow, operand, type KernelFace } from "../operation.ts";
import { inRows, inTiles, roundUp, rowsBytes, tilesBytes } from "./packing.ts";
import { CHUNK_ELEMENTS } from "../program.ts";

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
      kernels.multiplyRows(a.address, b.address, to, output.rows, output.columns, inner, inner);
    };
  },
};

/** accumulate: products of chunks, then a chain of them. */
export const chainOfRows: KernelFace = {
  scratchBytes: (operands) => productOfRows.scratchBytes?.(operands) ?? 0,
  bind(binding, kernels, scratch) {
    const { operation, output } = binding;
    const [left, right] = [operand(binding, 0), operand(binding, 1)];
    const a = inRows(left, kernels, scratch);
    const b = inRows(right, kernels, scratch + rowsBytes(left.entry));
    const to = addressOf(output);
    const length = roundUp(left.columns, 8);
    const block = left.rows * right.rows;
    const { shift } = operation;
    return () => {
      a.pack();
      b.pack();
      for (let first = 0, sums = to; first < length; first += CHUNK_ELEMENTS, sums += 4 * block) {
        const inner = Math.min(length - first, CHUNK_ELEMENTS);
        const [x, y] = [a.address + 2 * first, b.address + 2 * first];
        kernels.multiplyRows(x, y, sums, left.rows, right.rows, inner, length);
      }
      kernels.chain(to, output.rows / left.rows, block, shift);
    };
  },
};

/** matmul of two transposed matrices, from the matrices themselves: out[i][j] = sum over k of a[k][i] b[k][j]. */
export const productOfColumns: KernelFace = {
  scratchBytes: ([a, b]) => tilesBytes(a, b),
  bind(binding, kernels, scratch) {
    const { output } = binding;
    const { rows, columns } = output;
    const tiles = inTiles(operand(binding, 0), operand(binding, 1), kernels, scratch);
    const to = addressOf(output);
    return () => {
      const pairs = tiles.pack(0);
      kernels.multiplyTiles(tiles.left, tiles.right, to, rows, columns, pairs, 0, 0, 0, 0);
    };
  },
};

/** The end of accumulate's chain over two transposed matrices, from the matrices themselves. */
export const endOfColumns: KernelFace = {
  scratchBytes: ([a, b]) => tilesBytes(a, b, CHUNK_ELEMENTS),
  bind(binding, kernels, scratch) {
    const { operation, output } = binding;
    const { rows, columns } = output;
    const left = operand(binding, 0);
    const tiles = inTiles(left, operand(binding, 1), kernels, scratch, CHUNK_ELEMENTS);
    const to = addressOf(output);
    const { shift } = operation;
    return () => {
      narrow(output).fill(0);
      for (let first = 0; first < left.rows; first += CHUNK_ELEMENTS) {
        const pairs = tiles.pack(first);
        kernels.multiplyTiles(tiles.left, tiles.right, to, rows, columns, pairs, 0, shift, 0, 0);
      }
    };
  },
};

/** update of i16 weights by a product of columns, which is never written: out = sat(weights - rshr(product, shift)). Operands are weights, a, b. */
export const updateByProduct: KernelFace = {
  scratchBytes: ([, a, b]) => tilesBytes(a, b),
  bind(binding, kernels, scratch) {
    const { operation, output } = binding;
    const { rows, columns } = output;
    const tiles = inTiles(operand(binding, 1), operand(binding, 2), kernels, scratch);
    const [from, to] = [addressOf(operand(binding, 0)), addressOf(output)];
    const [lowest, highest] = bounds(output.entry);
    const { shift } = operation;
    return () => {
      const pairs = tiles.pack(0);
      kernels.multiplyTiles(tiles.left, tiles.right, to, rows, columns, pairs, from, shift, lowest, highest);
    };
  },
};
