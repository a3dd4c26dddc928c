import { ensureParameter } from "./checks.ts";
import type { OperationSite } from "./operation.ts";
import type { OperationEntry } from "./program.ts";

/** Square windows over images of height x width. */
export interface Windows {
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

const MAX_SIDE = 4096;
const MAX_KERNEL = 64;
const SIDE_UNIT = 2 ** 16;
const BYTE_UNIT = 2 ** 8;

/** Windows as the two arguments of an operation. */
export function windowsArguments({ height, width, kernel, stride, padding }: Windows): readonly [number, number] {
  return [height * SIDE_UNIT + width, (kernel * BYTE_UNIT + stride) * BYTE_UNIT + padding];
}

/** The windows that an operation's arguments name. */
export function windowsOf({ arguments: [first, second] }: Pick<OperationEntry, "arguments">): Windows {
  return {
    height: Math.floor(first / SIDE_UNIT),
    width: remainderOf(first, SIDE_UNIT),
    kernel: Math.floor(second / SIDE_UNIT),
    stride: Math.floor(remainderOf(second, SIDE_UNIT) / BYTE_UNIT),
    padding: remainderOf(second, BYTE_UNIT),
  };
}

/** Windows of one image: how many there are one below and one beside the other. */
export function windowCounts({ height, width, kernel, stride, padding }: Windows): readonly [number, number] {
  const along = (side: number): number => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  return [along(height), along(width)];
}

/** The windows of an operation: in range, and at least one on each image. */
export function ensureWindows(site: OperationSite): Windows {
  const windows = windowsOf(site.operation);
  const { height, width, kernel, stride, padding } = windows;
  const inRange = (value: number, lowest: number, highest: number): boolean => value >= lowest && value <= highest;
  ensureParameter(
    site,
    inRange(height, 1, MAX_SIDE) && inRange(width, 1, MAX_SIDE),
    `images have 1 to ${MAX_SIDE} rows and columns, got ${height} x ${width}`,
  );
  ensureParameter(
    site,
    inRange(kernel, 1, MAX_KERNEL) && inRange(stride, 1, kernel) && inRange(padding, 0, kernel - 1),
    `a kernel is 1 to ${MAX_KERNEL}, its stride 1 to the kernel, its padding below it, got ${kernel}, ${stride}, ${padding}`,
  );
  ensureParameter(
    site,
    Math.min(height, width) + 2 * padding >= kernel,
    `windows of ${kernel} do not fit into ${height} x ${width} with padding ${padding}`,
  );
  return windows;
}

function remainderOf(value: number, unit: number): number {
  return value - Math.floor(value / unit) * unit;
}
