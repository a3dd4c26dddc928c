import { elementBytes } from "../../core/tensor.ts";
import { typeCode, type MemoryTensor } from "../operation.ts";
import type { TensorEntry } from "../program.ts";
import type { Kernels } from "./kernels.ts";

/** Columns of the tiles that the first and the second operand of a product of transposed matrices are brought into. */
const LEFT_WIDTH = 4;
const RIGHT_WIDTH = 8;

type Shape = Pick<TensorEntry, "type" | "rows" | "columns">;

/** An operand in the form that a product reads, and what brings it there. */
interface Packed {
  readonly address: number;
  readonly pack: () => void;
}

/** Rows of i16 in whole vectors are read where they lie. */
function isInRows({ type, columns }: Shape): boolean {
  return type === "i16" && columns % 8 === 0;
}

/** Bytes that {@link inRows} needs. */
export function rowsBytes(shape: Shape): number {
  return isInRows(shape) ? 0 : roundUp(2 * shape.rows * roundUp(shape.columns, 8), 16);
}

/** A matrix in the form of rows. */
export function inRows({ entry, elements }: MemoryTensor, kernels: Kernels, scratch: number): Packed {
  const from = elements.byteOffset;
  if (isInRows(entry)) return { address: from, pack: () => undefined };
  const type = typeCode(entry);
  const pack = (): void => {
    kernels.packRows(from, type, scratch, entry.rows, entry.columns);
  };
  return { address: scratch, pack };
}

/** Bytes that {@link inTiles} needs for two matrices of as many rows, or for at most `limit` rows of them. */
export function tilesBytes(a: Shape | undefined, b: Shape | undefined, limit = Infinity): number {
  const bytes = (shape: Shape | undefined, width: number): number =>
    shape === undefined ? 0 : 4 * Math.ceil(Math.min(shape.rows, limit) / 2) * roundUp(shape.columns, width);
  return bytes(a, LEFT_WIDTH) + bytes(b, RIGHT_WIDTH);
}

/** Two matrices in the form of tiles. A call packs rows from `first` on, at most `limit`, and gives the number of pairs of rows. */
export function inTiles(
  a: MemoryTensor,
  b: MemoryTensor,
  kernels: Kernels,
  scratch: number,
  limit = Infinity,
): { readonly left: number; readonly right: number; pack(first: number): number } {
  const right = scratch + tilesBytes(a.entry, undefined, limit);
  const pack = ({ entry, elements }: MemoryTensor, to: number, width: number, first: number): number => {
    const rows = Math.min(entry.rows - first, limit);
    const from = elements.byteOffset + first * entry.columns * elementBytes(entry.type);
    kernels.packTiles(from, typeCode(entry), to, rows, entry.columns, width);
    return Math.ceil(rows / 2);
  };
  return {
    left: scratch,
    right,
    pack(first) {
      pack(a, scratch, LEFT_WIDTH, first);
      return pack(b, right, RIGHT_WIDTH, first);
    },
  };
}

/** The least multiple of `unit` that is not below `value`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
