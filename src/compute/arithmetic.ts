import type { NarrowElements } from "./operation.ts";

/** floor((value + 2^(shift - 1)) / 2^shift) in 32 bits; the caller's bounds exclude overflow. */
export function roundingShift(value: number, shift: number): number {
  return (value + (1 << (shift - 1))) >> shift;
}

/** The value nearest to `value` in lowest..highest. */
export function saturate(value: number, lowest: number, highest: number): number {
  return value < lowest ? lowest : value > highest ? highest : value;
}

/** As {@link saturate}, for 64 bits. */
export function saturateWide(value: bigint, lowest: bigint, highest: bigint): bigint {
  return value < lowest ? lowest : value > highest ? highest : value;
}

/** The sum of `count` products, a from element `atA` on by b from element `atB` on, in 32 bits; the caller's bounds exclude overflow. */
export function dotProduct(a: NarrowElements, atA: number, b: NarrowElements, atB: number, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum = (sum + Math.imul(a[atA + k] as number, b[atB + k] as number)) | 0;
  return sum;
}
