import { ensureInput } from "../core/errors.ts";
import type { ElementType } from "../core/tensor.ts";
import type { OperationSite } from "./operation.ts";
import { CHUNK_ELEMENTS, type Extent, type TensorEntry } from "./program.ts";

/** Range of each element type. */
export const TYPE_RANGES: Readonly<Record<ElementType, readonly [bigint, bigint]>> = {
  i8: [-128n, 127n],
  u8: [0n, 255n],
  i16: [-32768n, 32767n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};

const CHUNKED: Partial<Record<Extent, Extent>> = {
  static: "static",
  samples: "sampleChunks",
  accounts: "accountChunks",
  credits: "creditChunks",
};

/** A dimension: what it is counted in, and its number, or the most that it may be in a job. */
export interface Dimension {
  readonly extent: Extent;
  readonly size: number;
}

/** The element types of at most 32 bits. */
export const NARROW = ["i8", "u8", "i16", "i32"] as const;

/** A dimension that is the same in every job. */
export function fixed(size: number): Dimension {
  return { extent: "static", size };
}

/** The dimension of a single row or column. */
export const ONE = fixed(1);

/** The rows of a tensor. */
export function rowsOf(tensor: TensorEntry): Dimension {
  return { extent: tensor.rowExtent, size: tensor.rows };
}

/** The columns of a tensor. */
export function columnsOf(tensor: TensorEntry): Dimension {
  return { extent: tensor.columnExtent, size: tensor.columns };
}

/** The chunks of a dimension. @throws GlassboxError `COMPUTE_SHAPE_MISMATCH` for one that is in chunks itself. */
export function chunksOf(site: OperationSite, dimension: Dimension): Dimension {
  const extent = CHUNKED[dimension.extent];
  ensureInput(
    extent !== undefined,
    "COMPUTE_SHAPE_MISMATCH",
    `${site.operation.name} takes no rows that are chunks, got ${describe(dimension)}`,
  );
  return { extent, size: chunksIn(dimension.size) };
}

/** The chunks of so many elements. */
export function chunksIn(elements: number): number {
  return Math.ceil(elements / CHUNK_ELEMENTS);
}

/** Operand `index` of an operation. @throws GlassboxError `COMPUTE_ARITY_MISMATCH` if it has none. */
export function entryAt(site: OperationSite, index: number): TensorEntry {
  const entry = site.operands[index];
  ensureInput(entry !== undefined, "COMPUTE_ARITY_MISMATCH", `${site.operation.name} lacks operand ${index}`);
  return entry;
}

/** @throws GlassboxError `COMPUTE_TYPE_MISMATCH` unless a tensor has one of these types. */
export function ensureType(site: OperationSite, tensor: TensorEntry, ...types: readonly ElementType[]): void {
  ensureInput(
    types.includes(tensor.type),
    "COMPUTE_TYPE_MISMATCH",
    `${site.operation.name} takes ${types.join(" or ")} here, got ${tensor.type}`,
  );
}

/** @throws GlassboxError `COMPUTE_PARAMETER_INVALID` unless the column that an operation names is there in every job. */
export function ensureColumn(site: OperationSite, tensor: TensorEntry, column: number, width = 1): void {
  ensureParameter(
    site,
    tensor.columnExtent === "static" && column >= 0 && column + width <= tensor.columns,
    `there is no column ${column} of width ${width} in ${describe(columnsOf(tensor))}`,
  );
}

/** @throws GlassboxError `COMPUTE_SHAPE_MISMATCH` unless a tensor has just these dimensions. */
export function ensureShape(site: OperationSite, tensor: TensorEntry, rows: Dimension, columns: Dimension): void {
  const matches =
    tensor.rows === rows.size &&
    tensor.columns === columns.size &&
    tensor.rowExtent === rows.extent &&
    tensor.columnExtent === columns.extent;
  ensureInput(
    matches,
    "COMPUTE_SHAPE_MISMATCH",
    `${site.operation.name} expected ${describe(rows)} x ${describe(columns)}, got ${describe(rowsOf(tensor))} x ${describe(columnsOf(tensor))}`,
  );
}

/** @throws GlassboxError `COMPUTE_SHAPE_MISMATCH` if a dimension of the operands or the output depends on the job. */
export function ensureStatic(site: OperationSite): void {
  for (const tensor of [...site.operands, site.output])
    ensureShape(site, tensor, fixed(tensor.rows), fixed(tensor.columns));
}

/**
 * For operations that do not saturate.
 * @throws GlassboxError `COMPUTE_BOUNDS_MISMATCH` unless every value in [lowest, highest] is allowed in the output.
 */
export function ensureContains(site: OperationSite, lowest: bigint, highest: bigint): void {
  const { output } = site;
  ensureInput(
    output.lowest <= lowest && highest <= output.highest,
    "COMPUTE_BOUNDS_MISMATCH",
    `${site.operation.name} reaches ${lowest}..${highest}, its output declares ${output.lowest}..${output.highest}`,
  );
}

/** @throws GlassboxError `COMPUTE_OVERFLOW` if a sum or product on the way does not fit the accumulator. */
export function ensureAccumulator(site: OperationSite, magnitude: bigint, bits: 32 | 64 = 32): void {
  const limit = 2n ** BigInt(bits - 1) - 1n;
  ensureInput(
    magnitude <= limit,
    "COMPUTE_OVERFLOW",
    `${site.operation.name} could reach ${magnitude}, more than ${limit}`,
  );
}

/** @throws GlassboxError `COMPUTE_ROW_TOO_LONG` if one element of the output takes more than a chunk of a row. */
export function ensureRowLength(site: OperationSite, elements: number): void {
  ensureInput(
    elements <= CHUNK_ELEMENTS,
    "COMPUTE_ROW_TOO_LONG",
    `${site.operation.name} would read ${elements} elements for one, more than ${CHUNK_ELEMENTS}`,
  );
}

/** @throws GlassboxError `COMPUTE_PARAMETER_INVALID` unless `condition` holds. */
export function ensureParameter(site: OperationSite, condition: boolean, requirement: string): void {
  ensureInput(condition, "COMPUTE_PARAMETER_INVALID", `${site.operation.name}: ${requirement}`);
}

/** The operand of an operation that changes no element: it is narrow, and its type and all its values are the output's. */
export function movedOperand(site: OperationSite): TensorEntry {
  const x = entryAt(site, 0);
  ensureType(site, x, ...NARROW);
  ensureType(site, site.output, x.type);
  ensureContains(site, x.lowest, x.highest);
  return x;
}

/** The operands of a product: their rows are multiplied with each other, and the sums are i32. */
export function productOperands(site: OperationSite): readonly [TensorEntry, TensorEntry] {
  const [a, b] = [entryAt(site, 0), entryAt(site, 1)];
  for (const factor of [a, b]) ensureType(site, factor, "i8", "u8", "i16");
  ensureType(site, site.output, "i32");
  ensureShape(site, b, rowsOf(b), columnsOf(a));
  return [a, b];
}

/** The greatest absolute value in a tensor. */
export function magnitude(tensor: TensorEntry): bigint {
  return -tensor.lowest > tensor.highest ? -tensor.lowest : tensor.highest;
}

/** What `rshr` adds before it shifts: 2^(shift - 1). */
export function roundingTerm(shift: number): bigint {
  return 2n ** BigInt(shift - 1);
}

/** The greatest absolute value of a sum of products over a row of two matrices, or over a chunk of it. */
export function sumReach(a: TensorEntry, b: TensorEntry): bigint {
  return magnitude(a) * magnitude(b) * BigInt(Math.min(a.columns, CHUNK_ELEMENTS));
}

/** The greatest absolute value of a whole row's chunks together, each shifted and rounded. */
export function chainReach(a: TensorEntry, b: TensorEntry, shift: number): bigint {
  return BigInt(chunksIn(a.columns)) * (((sumReach(a, b) + roundingTerm(shift)) >> BigInt(shift)) + 1n);
}

/** @throws GlassboxError `COMPUTE_PARAMETER_INVALID` for a shift that a rounding shift in 32 bits has not. */
export function ensureShift(site: OperationSite): void {
  const { shift } = site.operation;
  ensureParameter(site, shift >= 1 && shift <= 30, `the shift is 1 to 30, got ${shift}`);
}

function describe(dimension: Dimension): string {
  return dimension.extent === "static" ? String(dimension.size) : `${dimension.extent} (at most ${dimension.size})`;
}
