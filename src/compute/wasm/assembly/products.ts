/**
 * Matrix products with 16-bit operands and 32-bit sums, which wrap: eight multiplications and four additions an instruction.
 * Operands are brought into one of the forms of `packing.ts` first.
 */
import { roundingShift, saturate } from "./elements";

/** Rows of `b` that stay in the first-level cache while all rows of `a` pass. */
const PANEL_ROWS: i32 = 16;
const SPARE: usize = memory.data(16, 16);

/** out[i][j] = sum over k < inner of a[i][k] b[j][k], for matrices in the form of rows with `length` elements; both are multiples of 8. */
export function multiplyRows(a: usize, b: usize, out: usize, m: i32, n: i32, inner: i32, length: i32): void {
  const stride = <usize>length * 2;
  const bytes = <usize>inner * 2;
  for (let panel: i32 = 0; panel < n; panel += PANEL_ROWS) {
    const end = min(panel + PANEL_ROWS, n);
    for (let i: i32 = 0; i < m; i += 2) {
      const upper = a + <usize>i * stride;
      const lower = i + 1 < m ? upper + stride : upper;
      const to = out + <usize>i * n * 4;
      for (let j: i32 = panel; j < end; j += 4) {
        multiplyBlock(upper, lower, 0, 1, b, stride, bytes, j, n, to, i + 1 < m);
      }
    }
  }
}

/**
 * out[y * across + x][j] = the product of the window at (y, x), in steps of `stride` pixels, with row j of `b`. The image is packed, with `line` bytes
 * from line to line and `pixel` bytes a pixel; a row of `b` has `run` bytes for each of the window's lines, which end with zeros from the window's width on.
 */
export function multiplyWindows(
  image: usize,
  b: usize,
  out: usize,
  down: i32,
  across: i32,
  n: i32,
  line: i32,
  pixel: i32,
  kernel: i32,
  run: i32,
  stride: i32,
): void {
  const step = <usize>stride * pixel;
  for (let y: i32 = 0; y < down; y++) {
    let upper = image + <usize>y * stride * line;
    for (let x: i32 = 0; x < across; x += 2) {
      const hasLower = x + 1 < across;
      const lower = hasLower ? upper + step : upper;
      for (let j: i32 = 0; j < n; j += 4) {
        multiplyBlock(upper, lower, line, kernel, b, <usize>kernel * run, run, j, n, out, hasLower);
      }
      upper += 2 * step;
      out += (hasLower ? 8 : 4) * <usize>n;
    }
  }
}

/**
 * Two rows of `a` by four of `b`, whose rows are `stride` bytes apart. A row of `a` may be in pieces: `pieces` of `bytes` bytes, `apart` bytes from one to
 * the next. Rows beyond the last are the last once more, and are not written.
 */
function multiplyBlock(
  upper: usize,
  lower: usize,
  apart: usize,
  pieces: i32,
  b: usize,
  stride: usize,
  bytes: usize,
  j: i32,
  n: i32,
  out: usize,
  hasLower: bool,
): void {
  let b0 = b + <usize>j * stride;
  let b1 = b + <usize>min(j + 1, n - 1) * stride;
  let b2 = b + <usize>min(j + 2, n - 1) * stride;
  let b3 = b + <usize>min(j + 3, n - 1) * stride;
  let u0 = i32x4.splat(0);
  let u1 = i32x4.splat(0);
  let u2 = i32x4.splat(0);
  let u3 = i32x4.splat(0);
  let l0 = i32x4.splat(0);
  let l1 = i32x4.splat(0);
  let l2 = i32x4.splat(0);
  let l3 = i32x4.splat(0);
  for (let piece: i32 = 0; piece < pieces; piece++) {
    for (let k: usize = 0; k < bytes; k += 16) {
      const u = v128.load(upper + k);
      const l = v128.load(lower + k);
      let x = v128.load(b0 + k);
      u0 = i32x4.add(u0, i32x4.dot_i16x8_s(u, x));
      l0 = i32x4.add(l0, i32x4.dot_i16x8_s(l, x));
      x = v128.load(b1 + k);
      u1 = i32x4.add(u1, i32x4.dot_i16x8_s(u, x));
      l1 = i32x4.add(l1, i32x4.dot_i16x8_s(l, x));
      x = v128.load(b2 + k);
      u2 = i32x4.add(u2, i32x4.dot_i16x8_s(u, x));
      l2 = i32x4.add(l2, i32x4.dot_i16x8_s(l, x));
      x = v128.load(b3 + k);
      u3 = i32x4.add(u3, i32x4.dot_i16x8_s(u, x));
      l3 = i32x4.add(l3, i32x4.dot_i16x8_s(l, x));
    }
    upper += apart;
    lower += apart;
    b0 += bytes;
    b1 += bytes;
    b2 += bytes;
    b3 += bytes;
  }
  const to = out + 4 * <usize>j;
  storeSome(to, sums(u0, u1, u2, u3), n - j);
  if (hasLower) storeSome(to + 4 * <usize>n, sums(l0, l1, l2, l3), n - j);
}

/** The sum of each of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(i32x4.shuffle(c, d, 0, 4, 1, 5), i32x4.shuffle(c, d, 2, 6, 3, 7));
  return i32x4.add(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ab, cd, 1, 3));
}

function storeSome(at: usize, values: v128, count: i32): void {
  if (count >= 4) {
    v128.store(at, values);
    return;
  }
  v128.store32_lane(at, values, 0);
  if (count > 1) v128.store32_lane(at, values, 1, 4);
  if (count > 2) v128.store32_lane(at, values, 2, 8);
}

/**
 * out[i][j] = sum over k of a[k][i] b[k][j], for `a` in tiles of 4 columns and `b` in tiles of 8, both with `pairs` pairs of rows.
 * With a shift, out gains rshr(sum, shift) instead: one chunk of longer sums. With weights (an i16 matrix, else 0), out is i16:
 * sat(weights - rshr(sum, shift)), and the sums are never written.
 */
export function multiplyTiles(
  a: usize,
  b: usize,
  out: usize,
  m: i32,
  n: i32,
  pairs: i32,
  weights: usize,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  const aTile = <usize>pairs * 16;
  const bTile = <usize>pairs * 32;
  for (let j: i32 = 0; j < n; j += 8) {
    const bAt = b + <usize>(j >> 3) * bTile;
    for (let i: i32 = 0; i < m; i += 4) {
      multiplyTile(a + <usize>(i >> 2) * aTile, bAt, bTile, out, i, j, m, n, weights, shift, lowest, highest);
    }
  }
}

function multiplyTile(
  a: usize,
  b: usize,
  bTile: usize,
  out: usize,
  i: i32,
  j: i32,
  m: i32,
  n: i32,
  weights: usize,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  let s00 = i32x4.splat(0);
  let s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0);
  let s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0);
  let s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0);
  let s31 = i32x4.splat(0);
  for (const end = b + bTile; b < end; b += 32, a += 16) {
    const x = v128.load(b);
    const y = v128.load(b, 16);
    let g = v128.load32_splat(a);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(g, x));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(g, y));
    g = v128.load32_splat(a, 4);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(g, x));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(g, y));
    g = v128.load32_splat(a, 8);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(g, x));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(g, y));
    g = v128.load32_splat(a, 12);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(g, x));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(g, y));
  }
  const at = <usize>i * n + j;
  const count = n - j;
  if (weights == 0) {
    storeSums(out, at, s00, s01, count, shift);
    if (i + 1 < m) storeSums(out, at + n, s10, s11, count, shift);
    if (i + 2 < m) storeSums(out, at + 2 * <usize>n, s20, s21, count, shift);
    if (i + 3 < m) storeSums(out, at + 3 * <usize>n, s30, s31, count, shift);
    return;
  }
  storeUpdated(weights, out, at, s00, s01, count, shift, lowest, highest);
  if (i + 1 < m) storeUpdated(weights, out, at + n, s10, s11, count, shift, lowest, highest);
  if (i + 2 < m) storeUpdated(weights, out, at + 2 * <usize>n, s20, s21, count, shift, lowest, highest);
  if (i + 3 < m) storeUpdated(weights, out, at + 3 * <usize>n, s30, s31, count, shift, lowest, highest);
}

/** Writes up to eight sums from element `at` on, or adds them, rounded. */
function storeSums(out: usize, at: usize, low: v128, high: v128, count: i32, shift: i32): void {
  const to = out + 4 * at;
  if (shift > 0) {
    low = i32x4.add(v128.load(to), roundingShift(low, shift));
    if (count > 4) high = i32x4.add(v128.load(to, 16), roundingShift(high, shift));
  }
  storeSome(to, low, count);
  if (count > 4) storeSome(to + 16, high, count - 4);
}

/** Writes up to eight updated weights from element `at` on. */
function storeUpdated(
  weights: usize,
  out: usize,
  at: usize,
  low: v128,
  high: v128,
  count: i32,
  shift: i32,
  lowest: i32,
  highest: i32,
): void {
  const from = v128.load(weights + 2 * at);
  const lowWeights = i32x4.sub(i32x4.extend_low_i16x8_s(from), roundingShift(low, shift));
  const highWeights = i32x4.sub(i32x4.extend_high_i16x8_s(from), roundingShift(high, shift));
  const updated = i16x8.narrow_i32x4_s(saturate(lowWeights, lowest, highest), saturate(highWeights, lowest, highest));
  const to = out + 2 * at;
  if (count >= 8) {
    v128.store(to, updated);
    return;
  }
  v128.store(SPARE, updated);
  memory.copy(to, SPARE, 2 * <usize>count);
}
