import type { TensorShape } from "../../core/tensor.ts";
import { sampleAt } from "../randomness.ts";
import { CHUNK_ELEMENTS, type OperationEntry, type OperationName } from "../program.ts";
import { TERMS } from "../terms.ts";
import { windowCounts, windowsOf } from "../windows.ts";

/** A range of one row, or of the rows of one column: what an element reads from one tensor. */
export interface Read {
  /** Place of the operand in the operation; undefined for the output itself, of which a chain reads the chunk before. */
  readonly operand: number | undefined;
  readonly from: readonly [row: number, column: number];
  readonly to: readonly [row: number, column: number];
}

/** An element of what an operation writes, with all that decides what it reads. */
export interface ElementSite {
  readonly operation: OperationEntry;
  readonly row: number;
  readonly column: number;
  readonly output: TensorShape;
  readonly operands: readonly TensorShape[];
  readonly seed: Uint8Array;
  readonly samples: number;
  /** Place of the step's first sample in the job's sequence. */
  readonly position: number;
  readonly terms: BigInt64Array;
}

type ReadsOf = (site: ElementSite) => Read[];

function one(operand: number | undefined, row: number, column: number): Read {
  return { operand, from: [row, column], to: [row, column] };
}

function wholeRow(site: ElementSite, operand: number, row: number): Read {
  return { operand, from: [row, 0], to: [row, shape(site, operand).columns - 1] };
}

function shape(site: ElementSite, operand: number): TensorShape {
  return site.operands[operand] as TensorShape;
}

const sameElements: ReadsOf = ({ operation, row, column }) =>
  operation.operands.map((_, operand) => one(operand, row, column));

/** A chunk of a column of numbers, and the element of the chunk before. */
const chain: ReadsOf = (site) => {
  const { row, column } = site;
  const last = Math.min(shape(site, 0).rows, (row + 1) * CHUNK_ELEMENTS) - 1;
  const chunk: Read = { operand: 0, from: [row * CHUNK_ELEMENTS, 0], to: [last, 0] };
  return row === 0 ? [chunk] : [chunk, one(undefined, row - 1, column)];
};

/** The elements of a channel in every group of a row. */
function acrossGroups(site: ElementSite, operand: number, channels: number): Read {
  const { columns } = shape(site, operand);
  const channel = site.column % channels;
  return { operand, from: [site.row, channel], to: [site.row, columns - channels + channel] };
}

/** The pixel that a place of a window shows, unless it lies outside of the image. */
const unfold: ReadsOf = (site) => {
  const { row, column } = site;
  const windows = windowsOf(site.operation);
  const { height, width, kernel, stride, padding } = windows;
  const [down, across] = windowCounts(windows);
  const channels = shape(site, 0).columns;
  const place = Math.floor(column / channels);
  const y = (Math.floor(row / across) % down) * stride - padding + Math.floor(place / kernel);
  const x = (row % across) * stride - padding + (place % kernel);
  if (y < 0 || y >= height || x < 0 || x >= width) return [];
  const image = Math.floor(row / (down * across));
  return [one(0, (image * height + y) * width + x, column % channels)];
};

/** The window that a pixel lies in, and its place there. */
const fold: ReadsOf = ({ operation, row, column, output }) => {
  const { width, height, kernel } = windowsOf(operation);
  const line = Math.floor(row / width);
  const x = row % width;
  const place = ((line % height) % kernel) * kernel + (x % kernel);
  const window = Math.floor(line / kernel) * (width / kernel) + Math.floor(x / kernel);
  return [one(0, window, place * output.columns + column)];
};

/** One chunk of a row of both factors, and the sum up to the chunk before. */
const accumulate: ReadsOf = (site) => {
  const { row, column } = site;
  const a = shape(site, 0);
  const chunk = Math.floor(row / a.rows);
  const last = Math.min(a.columns, (chunk + 1) * CHUNK_ELEMENTS) - 1;
  const chunkOf = (operand: number, of: number): Read => ({
    operand,
    from: [of, chunk * CHUNK_ELEMENTS],
    to: [of, last],
  });
  const factors = [chunkOf(0, row % a.rows), chunkOf(1, column)];
  return chunk === 0 ? factors : [...factors, one(undefined, row - a.rows, column)];
};

/**
 * What an element within the shape of an output reads from each operand that it reads, in the operands' order, then from its own output.
 * The table of `softmaxGradient` and the terms are known to the judge, so they are not among them.
 */
const READS: Readonly<Record<OperationName, ReadsOf>> = {
  init: () => [],
  gather: ({ row, column, seed, position, samples }) => [one(0, sampleAt(seed, position + row, samples), column)],
  setColumn: (site) => (site.column === site.operation.arguments[0] ? [] : sameElements(site)),
  matmul: (site) => [wholeRow(site, 0, site.row), wholeRow(site, 1, site.column)],
  requantise: sameElements,
  gate: sameElements,
  softmaxGradient: (site) => [wholeRow(site, 0, site.row), one(1, site.row, 0)],
  transpose: ({ row, column }) => [one(0, column, row)],
  update: sameElements,
  add: sameElements,
  argmax: (site) => [wholeRow(site, 0, site.row)],
  column: ({ operation, row }) => {
    const [byte] = operation.arguments;
    return [{ operand: 0, from: [row, byte], to: [row, byte + 3] }];
  },
  count: chain,
  proportion: (site) => [one(0, shape(site, 0).rows - 1, site.row)],
  sum: chain,
  remainder: (site) => {
    const { row, terms } = site;
    const isInitiator = BigInt(row) === terms[TERMS.initiatorAccount];
    return isInitiator ? [one(0, row, 0), one(1, shape(site, 1).rows - 1, 0)] : [one(0, row, 0)];
  },
  addRow: ({ row, column }) => [one(0, row, column), one(1, 0, column)],
  unfold,
  fold,
  rotate: (site) => {
    const { rows } = shape(site, 0);
    const place = site.operation.arguments[0] - 1 - Math.floor(site.column / rows);
    return [one(0, site.column % rows, place * site.output.rows + site.row)];
  },
  reshape: (site) => {
    const at = site.row * site.output.columns + site.column;
    const { columns } = shape(site, 0);
    return [one(0, Math.floor(at / columns), at % columns)];
  },
  maxPool: (site) => [acrossGroups(site, 0, site.output.columns)],
  poolGradient: (site) => {
    const { columns } = shape(site, 0);
    return [one(0, site.row, site.column % columns), acrossGroups(site, 1, columns)];
  },
  accumulate,
  tail: (site) => [one(0, shape(site, 0).rows - site.output.rows + site.row, site.column)],
};

/** What an element within the shape reads, see {@link READS}. */
export function readsOf(site: ElementSite): Read[] {
  return READS[site.operation.name](site);
}
