/** Operations on images and on the windows that slide over them. A window is a row; `pixel` is the bytes of a pixel with all its channels. */
import { I16, I8, load4, store4, U8 } from "./elements";

/** out[(b * OH + y) * OW + x] = the window at (y * stride - padding, x * stride - padding) of image b, 0 outside of the image. */
export function unfold(
  x: usize,
  pixel: i32,
  out: usize,
  images: i32,
  height: i32,
  width: i32,
  kernel: i32,
  stride: i32,
  padding: i32,
): void {
  const down = (height + 2 * padding - kernel) / stride + 1;
  const across = (width + 2 * padding - kernel) / stride + 1;
  const line = <usize>width * pixel;
  const end = out + <usize>images * down * across * kernel * kernel * pixel;
  for (let image: i32 = 0; image < images; image++) {
    for (let y: i32 = 0; y < down; y++) {
      const top = y * stride - padding;
      for (let column: i32 = 0; column < across; column++) {
        const left = column * stride - padding;
        const first = max(left, 0);
        const last = min(left + kernel, width);
        const before = <usize>(first - left) * pixel;
        const inside = <usize>(last - first) * pixel;
        const after = <usize>(left + kernel - last) * pixel;
        for (let ky: i32 = top; ky < top + kernel; ky++) {
          if (ky < 0 || ky >= height) {
            out = clear(out, before + inside + after, end);
            continue;
          }
          if (before > 0) out = clear(out, before, end);
          out = copy(x + <usize>ky * line + <usize>first * pixel, out, inside, end);
          if (after > 0) out = clear(out, after, end);
        }
      }
    }
    x += <usize>height * line;
  }
}

/** The images of windows that tile them. */
export function fold(x: usize, pixel: i32, out: usize, images: i32, height: i32, width: i32, kernel: i32): void {
  const segment = <usize>kernel * pixel;
  const window = <usize>kernel * segment;
  const line = <usize>(width / kernel) * window;
  const end = out + <usize>images * height * width * pixel;
  for (let y: i32 = 0; y < images * height; y++) {
    let from = x + <usize>(y / kernel) * line + <usize>(y % kernel) * segment;
    for (let column: i32 = 0; column < width; column += kernel) {
      out = copy(from, out, segment, end);
      from += window;
    }
  }
}

/** Copies bytes and may write beyond them up to `end`, so a tensor is written from its start to its end. Gives the address behind them. */
function copy(from: usize, to: usize, bytes: usize, end: usize): usize {
  const behind = to + bytes;
  for (; to < behind && to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  if (to < behind) memory.copy(to, from, behind - to);
  return behind;
}

/** As `copy`, with zeros. */
function clear(to: usize, bytes: usize, end: usize): usize {
  const behind = to + bytes;
  for (; to < behind && to + 16 <= end; to += 16) v128.store(to, i32x4.splat(0));
  if (to < behind) memory.fill(to, 0, behind - to);
  return behind;
}

/** out[i][q * outputs + o] = x[o][(area - 1 - q) * inputs + i]; elements of 1, 2 or 4 bytes. */
export function rotate(x: usize, elementBytes: i32, out: usize, outputs: i32, area: i32, inputs: i32): void {
  if (elementBytes == 1) rotateOf<i8>(x, out, outputs, area, inputs);
  else if (elementBytes == 2) rotateOf<i16>(x, out, outputs, area, inputs);
  else rotateOf<i32>(x, out, outputs, area, inputs);
}

function rotateOf<T>(x: usize, out: usize, outputs: i32, area: i32, inputs: i32): void {
  const row = <usize>area * inputs * sizeof<T>();
  for (let input: i32 = 0; input < inputs; input++) {
    for (let place: i32 = area - 1; place >= 0; place--) {
      let from = x + <usize>(place * inputs + input) * sizeof<T>();
      for (let output: i32 = 0; output < outputs; output++) {
        store<T>(out, load<T>(from));
        from += row;
        out += sizeof<T>();
      }
    }
  }
}

/** out[i][c] = the greatest x[i][q * channels + c] of all groups q. */
export function maxPool(x: usize, type: i32, out: usize, rows: i32, groups: i32, channels: i32): void {
  if (type == I8) maxPoolOf<i8>(x, out, rows, groups, channels);
  else if (type == U8) maxPoolOf<u8>(x, out, rows, groups, channels);
  else if (type == I16) maxPoolOf<i16>(x, out, rows, groups, channels);
  else maxPoolOf<i32>(x, out, rows, groups, channels);
}

function maxPoolOf<X>(x: usize, out: usize, rows: i32, groups: i32, channels: i32): void {
  const group = <usize>channels * sizeof<X>();
  for (let row: i32 = 0; row < rows; row++) {
    const end = x + <usize>groups * group;
    let c: i32 = 0;
    for (; c + 4 <= channels; c += 4) {
      let greatest = load4<X>(x);
      for (let at = x + group; at < end; at += group) greatest = i32x4.max_s(greatest, load4<X>(at));
      store4<X>(out, greatest);
      x += 4 * sizeof<X>();
      out += 4 * sizeof<X>();
    }
    for (; c < channels; c++) {
      let greatest = load<X>(x);
      for (let at = x + group; at < end; at += group) greatest = max(greatest, load<X>(at));
      store<X>(out, greatest);
      x += sizeof<X>();
      out += sizeof<X>();
    }
    x = end;
  }
}

/** out[i][q * channels + c] = gradient[i][c] for the least group q with the greatest x[i][q * channels + c], else 0; gradients are never u8. */
export function poolGradient(
  gradient: usize,
  type: i32,
  x: usize,
  xType: i32,
  out: usize,
  rows: i32,
  groups: i32,
  channels: i32,
): void {
  if (type == I8) poolGradientOf<i8>(gradient, x, xType, out, rows, groups, channels);
  else if (type == I16) poolGradientOf<i16>(gradient, x, xType, out, rows, groups, channels);
  else poolGradientOf<i32>(gradient, x, xType, out, rows, groups, channels);
}

function poolGradientOf<G>(
  gradient: usize,
  x: usize,
  xType: i32,
  out: usize,
  rows: i32,
  groups: i32,
  channels: i32,
): void {
  if (xType == I8) poolGradientBy<G, i8>(gradient, x, out, rows, groups, channels);
  else if (xType == U8) poolGradientBy<G, u8>(gradient, x, out, rows, groups, channels);
  else if (xType == I16) poolGradientBy<G, i16>(gradient, x, out, rows, groups, channels);
  else poolGradientBy<G, i32>(gradient, x, out, rows, groups, channels);
}

function poolGradientBy<G, X>(gradient: usize, x: usize, out: usize, rows: i32, groups: i32, channels: i32): void {
  const group = <usize>channels * sizeof<X>();
  const outGroup = <usize>channels * sizeof<G>();
  for (let row: i32 = 0; row < rows; row++) {
    let c: i32 = 0;
    for (; c + 4 <= channels; c += 4) {
      let greatest = load4<X>(x);
      let best = i32x4.splat(0);
      for (let q: i32 = 1; q < groups; q++) {
        const value = load4<X>(x + <usize>q * group);
        best = v128.bitselect(i32x4.splat(q), best, i32x4.gt_s(value, greatest));
        greatest = i32x4.max_s(greatest, value);
      }
      const given = load4<G>(gradient);
      for (let q: i32 = 0; q < groups; q++) {
        store4<G>(out + <usize>q * outGroup, v128.and(given, i32x4.eq(best, i32x4.splat(q))));
      }
      x += 4 * sizeof<X>();
      gradient += 4 * sizeof<G>();
      out += 4 * sizeof<G>();
    }
    for (; c < channels; c++) {
      let greatest = load<X>(x);
      let best: i32 = 0;
      for (let q: i32 = 1; q < groups; q++) {
        const value = load<X>(x + <usize>q * group);
        if (value > greatest) {
          greatest = value;
          best = q;
        }
      }
      for (let q: i32 = 0; q < groups; q++) {
        store<G>(out + <usize>q * outGroup, q == best ? load<G>(gradient) : <G>0);
      }
      x += sizeof<X>();
      gradient += sizeof<G>();
      out += sizeof<G>();
    }
    x += <usize>(groups - 1) * group;
    out += <usize>(groups - 1) * outGroup;
  }
}
