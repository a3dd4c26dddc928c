/** Codes of element types, as the loader passes them. */
export const I8: i32 = 0;
export const U8: i32 = 1;
export const I16: i32 = 2;
export const I32: i32 = 3;

/** Four elements, widened to 32 bits. */
export function load4<T>(at: usize): v128 {
  if (sizeof<T>() == 4) return v128.load(at);
  if (sizeof<T>() == 2) return v128.load16x4_s(at);
  const bytes = v128.load32_zero(at);
  if (isSigned<T>()) return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes));
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
}

/** Writes four values that lie in the range of the type. */
export function store4<T>(at: usize, values: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(at, values);
    return;
  }
  const words = i16x8.narrow_i32x4_s(values, values);
  if (sizeof<T>() == 2) v128.store64_lane(at, words, 0);
  else if (isSigned<T>()) v128.store32_lane(at, i8x16.narrow_i16x8_s(words, words), 0);
  else v128.store32_lane(at, i8x16.narrow_i16x8_u(words, words), 0);
}

/** floor((x + 2^(shift - 1)) / 2^shift). */
export function roundingShift(x: v128, shift: i32): v128 {
  return i32x4.shr_s(i32x4.add(x, i32x4.splat(1 << (shift - 1))), shift);
}

export function saturate(x: v128, lowest: i32, highest: i32): v128 {
  return i32x4.min_s(i32x4.max_s(x, i32x4.splat(lowest)), i32x4.splat(highest));
}
