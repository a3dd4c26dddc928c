import fc from "fast-check";

import { allocateElements, type Elements, type ElementType } from "../../src/core/tensor.ts";
import type { Windows } from "../../src/compute/windows.ts";
import { TYPE_RANGES } from "../../src/compute/checks.ts";

/** Any element of a range, the extremes often. */
function element(lowest: bigint, highest: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(lowest, highest, lowest < 0n ? 0n : lowest) },
    { weight: 3, arbitrary: fc.bigInt({ min: lowest, max: highest }) },
  );
}

/** Elements of a type, or of a tighter range. */
export function elements(type: ElementType, count: number, range = TYPE_RANGES[type]): fc.Arbitrary<Elements> {
  return fc.array(element(...range), { minLength: count, maxLength: count }).map((values) => {
    const result = allocateElements(type, count);
    values.forEach((value, index) => {
      result[index] = type === "i64" ? value : Number(value);
    });
    return result;
  });
}

/** floor((x + 2^(shift - 1)) / 2^shift) by division, sharing nothing with the operations. */
export function rshr(x: bigint, shift: number): bigint {
  const divisor = 2n ** BigInt(shift);
  const sum = x + divisor / 2n;
  const quotient = sum / divisor;
  return sum < 0n && quotient * divisor !== sum ? quotient - 1n : quotient;
}

/** The value nearest to x in lowest..highest. */
export function sat(x: bigint, lowest: bigint, highest: bigint): bigint {
  return x < lowest ? lowest : x > highest ? highest : x;
}

/** Elements as exact integers. */
export function big(values: Elements): bigint[] {
  return Array.from(values as Iterable<number | bigint>, BigInt);
}

/** Windows that fit into images of at most `side` rows and columns. */
export function windowsOnImages(side: number): fc.Arbitrary<Windows> {
  const length = fc.integer({ min: 1, max: side });
  return fc
    .record({
      height: length,
      width: length,
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: length,
      padding: fc.nat(4),
    })
    .filter(({ height, width, kernel, stride, padding }) => {
      return stride <= kernel && padding < kernel && Math.min(height, width) + 2 * padding >= kernel;
    });
}
