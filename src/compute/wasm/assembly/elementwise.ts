/**
 * Operations on one element at a time, four by four. Tensors start at multiples of 16 bytes and are followed by at least 16 bytes that
 * belong to nobody, so the last four may reach beyond the last element.
 */
import { I16, I32, I8, load4, roundingShift, saturate, store4, U8 } from "./elements";

/** out = sat(rshr(multiplier * x, shift)). */
export function requantise(
  x: usize,
  xType: i32,
  out: usize,
  outType: i32,
  count: i32,
  multiplier: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  if (xType == I8) requantiseFrom<i8>(x, out, outType, count, multiplier, shift, lowest, highest);
  else if (xType == U8) requantiseFrom<u8>(x, out, outType, count, multiplier, shift, lowest, highest);
  else if (xType == I16) requantiseFrom<i16>(x, out, outType, count, multiplier, shift, lowest, highest);
  else requantiseFrom<i32>(x, out, outType, count, multiplier, shift, lowest, highest);
}

function requantiseFrom<X>(
  x: usize,
  out: usize,
  outType: i32,
  count: i32,
  multiplier: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  if (outType == I8) requantiseTo<X, i8>(x, out, count, multiplier, shift, lowest, highest);
  else if (outType == U8) requantiseTo<X, u8>(x, out, count, multiplier, shift, lowest, highest);
  else if (outType == I16) requantiseTo<X, i16>(x, out, count, multiplier, shift, lowest, highest);
  else requantiseTo<X, i32>(x, out, count, multiplier, shift, lowest, highest);
}

function requantiseTo<X, Out>(
  x: usize,
  out: usize,
  count: i32,
  multiplier: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  const factor = i32x4.splat(multiplier);
  for (let i: i32 = 0; i < count; i += 4) {
    const product = i32x4.mul(load4<X>(x), factor);
    store4<Out>(out, saturate(roundingShift(product, shift), lowest, highest));
    x += 4 * sizeof<X>();
    out += 4 * sizeof<Out>();
  }
}

/** out = x where the activation is above 0, else 0; x and out are of one type, never u8. */
export function gate(x: usize, type: i32, activation: usize, activationType: i32, out: usize, count: i32): void {
  if (type == I8) gateOf<i8>(x, activation, activationType, out, count);
  else if (type == I16) gateOf<i16>(x, activation, activationType, out, count);
  else gateOf<i32>(x, activation, activationType, out, count);
}

function gateOf<X>(x: usize, activation: usize, activationType: i32, out: usize, count: i32): void {
  if (activationType == I8) gateBy<X, i8>(x, activation, out, count);
  else if (activationType == U8) gateBy<X, u8>(x, activation, out, count);
  else if (activationType == I16) gateBy<X, i16>(x, activation, out, count);
  else gateBy<X, i32>(x, activation, out, count);
}

function gateBy<X, Activation>(x: usize, activation: usize, out: usize, count: i32): void {
  for (let i: i32 = 0; i < count; i += 4) {
    const isOpen = i32x4.gt_s(load4<Activation>(activation), i32x4.splat(0));
    store4<X>(out, v128.and(load4<X>(x), isOpen));
    x += 4 * sizeof<X>();
    activation += 4 * sizeof<Activation>();
    out += 4 * sizeof<X>();
  }
}

/** out = sat(weights - rshr(gradient, shift)); weights and out are of one type, never u8, gradients i16 or i32. */
export function update(
  weights: usize,
  type: i32,
  gradient: usize,
  gradientType: i32,
  out: usize,
  count: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  if (type == I8) updateOf<i8>(weights, gradient, gradientType, out, count, shift, lowest, highest);
  else if (type == I16) updateOf<i16>(weights, gradient, gradientType, out, count, shift, lowest, highest);
  else updateOf<i32>(weights, gradient, gradientType, out, count, shift, lowest, highest);
}

function updateOf<Weight>(
  weights: usize,
  gradient: usize,
  gradientType: i32,
  out: usize,
  count: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  if (gradientType == I16) updateBy<Weight, i16>(weights, gradient, out, count, shift, lowest, highest);
  else updateBy<Weight, i32>(weights, gradient, out, count, shift, lowest, highest);
}

function updateBy<Weight, Gradient>(
  weights: usize,
  gradient: usize,
  out: usize,
  count: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  for (let i: i32 = 0; i < count; i += 4) {
    const change = roundingShift(load4<Gradient>(gradient), shift);
    store4<Weight>(out, saturate(i32x4.sub(load4<Weight>(weights), change), lowest, highest));
    weights += 4 * sizeof<Weight>();
    gradient += 4 * sizeof<Gradient>();
    out += 4 * sizeof<Weight>();
  }
}

/** out = x, or out + x, in 32 bits. */
export function addTerm(x: usize, type: i32, out: usize, count: i32, isFirst: bool): void {
  if (type == I8) addTermOf<i8>(x, out, count, isFirst);
  else if (type == U8) addTermOf<u8>(x, out, count, isFirst);
  else if (type == I16) addTermOf<i16>(x, out, count, isFirst);
  else if (type == I32) addTermOf<i32>(x, out, count, isFirst);
}

function addTermOf<X>(x: usize, out: usize, count: i32, isFirst: bool): void {
  for (let i: i32 = 0; i < count; i += 4) {
    const term = load4<X>(x);
    v128.store(out, isFirst ? term : i32x4.add(v128.load(out), term));
    x += 4 * sizeof<X>();
    out += 16;
  }
}

/** out[i][j] += row[j], in 32 bits. */
export function addRow(row: usize, type: i32, out: usize, rows: i32, columns: i32): void {
  if (type == I8) addRowOf<i8>(row, out, rows, columns);
  else if (type == U8) addRowOf<u8>(row, out, rows, columns);
  else if (type == I16) addRowOf<i16>(row, out, rows, columns);
  else addRowOf<i32>(row, out, rows, columns);
}

function addRowOf<X>(row: usize, out: usize, rows: i32, columns: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    let j: i32 = 0;
    for (; j + 4 <= columns; j += 4, out += 16) {
      v128.store(out, i32x4.add(v128.load(out), load4<X>(row + <usize>j * sizeof<X>())));
    }
    for (; j < columns; j++, out += 4) store<i32>(out, load<i32>(out) + <i32>load<X>(row + <usize>j * sizeof<X>()));
  }
}

/** Blocks of `count` sums become a chain: each is the one before plus rshr(itself, shift). */
export function chain(sums: usize, blocks: i32, count: i32, shift: i32): void {
  const half = 1 << (shift - 1);
  const block = 4 * <usize>count;
  for (let e: i32 = 0; e < blocks; e++) {
    let i: i32 = 0;
    for (; i + 4 <= count; i += 4, sums += 16) {
      const rounded = roundingShift(v128.load(sums), shift);
      v128.store(sums, e > 0 ? i32x4.add(v128.load(sums - block), rounded) : rounded);
    }
    for (; i < count; i++, sums += 4) {
      const rounded = (load<i32>(sums) + half) >> shift;
      store<i32>(sums, e > 0 ? load<i32>(sums - block) + rounded : rounded);
    }
  }
}
