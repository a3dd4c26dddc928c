/** Operations on whole rows. */
import { I16, I8, U8 } from "./elements";

/** Columns that a transposition turns at a time: as many rows of the output stay in the cache. */
const TURNED_COLUMNS: i32 = 16;
/** Probability 1 of `softmaxGradient`, as a power of two. */
const UNIT_BITS: u32 = 14;

/** out = x with one column set to a value; elements of 1, 2 or 4 bytes. */
export function setColumn(
  x: usize,
  elementBytes: i32,
  out: usize,
  rows: i32,
  columns: i32,
  column: i32,
  value: i32,
): void {
  memory.copy(out, x, <usize>rows * columns * elementBytes);
  const stride = <usize>columns * elementBytes;
  let at = out + <usize>column * elementBytes;
  for (let row: i32 = 0; row < rows; row++, at += stride) {
    if (elementBytes == 1) store<i8>(at, <i8>value);
    else if (elementBytes == 2) store<i16>(at, <i16>value);
    else store<i32>(at, value);
  }
}

/** out[j][i] = x[i][j]; elements of 1, 2 or 4 bytes. */
export function transpose(x: usize, elementBytes: i32, out: usize, rows: i32, columns: i32): void {
  if (elementBytes == 1) transposeOf<i8>(x, out, rows, columns);
  else if (elementBytes == 2) transposeOf<i16>(x, out, rows, columns);
  else transposeOf<i32>(x, out, rows, columns);
}

function transposeOf<T>(x: usize, out: usize, rows: i32, columns: i32): void {
  const inStride = <usize>columns * sizeof<T>();
  const outStride = <usize>rows * sizeof<T>();
  for (let first: i32 = 0; first < columns; first += TURNED_COLUMNS) {
    const end = min(first + TURNED_COLUMNS, columns);
    for (let row: i32 = 0; row < rows; row++) {
      let from = x + <usize>row * inStride + <usize>first * sizeof<T>();
      let to = out + <usize>first * outStride + <usize>row * sizeof<T>();
      for (let column: i32 = first; column < end; column++) {
        store<T>(to, load<T>(from));
        from += sizeof<T>();
        to += outStride;
      }
    }
  }
}

/** out[i] = the least column with the greatest element of row i. */
export function argmax(x: usize, type: i32, out: usize, rows: i32, columns: i32): void {
  if (type == I8) argmaxOf<i8>(x, out, rows, columns);
  else if (type == U8) argmaxOf<u8>(x, out, rows, columns);
  else if (type == I16) argmaxOf<i16>(x, out, rows, columns);
  else argmaxOf<i32>(x, out, rows, columns);
}

function argmaxOf<T>(x: usize, out: usize, rows: i32, columns: i32): void {
  for (let row: i32 = 0; row < rows; row++) {
    let best: i32 = 0;
    let greatest = load<T>(x);
    for (let column: i32 = 0; column < columns; column++) {
      const value = load<T>(x);
      if (value > greatest) {
        greatest = value;
        best = column;
      }
      x += sizeof<T>();
    }
    store<i32>(out, best);
    out += 4;
  }
}

/** out = softmax(logits) - onehot(labels) in units of 2^-14; logits i8, i16 or i32, labels u8, out i16 or i32. */
export function softmaxGradient(
  logits: usize,
  type: i32,
  labels: usize,
  table: usize,
  tableLength: i32,
  out: usize,
  outType: i32,
  rows: i32,
  columns: i32,
): void {
  if (type == I8) softmaxGradientOf<i8>(logits, labels, table, tableLength, out, outType, rows, columns);
  else if (type == I16) softmaxGradientOf<i16>(logits, labels, table, tableLength, out, outType, rows, columns);
  else softmaxGradientOf<i32>(logits, labels, table, tableLength, out, outType, rows, columns);
}

function softmaxGradientOf<T>(
  logits: usize,
  labels: usize,
  table: usize,
  tableLength: i32,
  out: usize,
  outType: i32,
  rows: i32,
  columns: i32,
): void {
  for (let row: i32 = 0; row < rows; row++) {
    let greatest: i32 = i32.MIN_VALUE;
    for (let c: i32 = 0; c < columns; c++) greatest = max(greatest, <i32>load<T>(logits + <usize>c * sizeof<T>()));
    let total: u32 = 0;
    for (let c: i32 = 0; c < columns; c++) total += weightAt<T>(logits, c, greatest, table, tableLength);
    const label = <i32>load<u8>(labels + row);
    for (let c: i32 = 0; c < columns; c++) {
      const weight = weightAt<T>(logits, c, greatest, table, tableLength);
      const probability = <i32>(((weight << UNIT_BITS) + (total >> 1)) / total);
      const value = c == label ? probability - (1 << UNIT_BITS) : probability;
      if (outType == I16) store<i16>(out, <i16>value);
      else store<i32>(out, value);
      out += outType == I16 ? 2 : 4;
    }
    logits += <usize>columns * sizeof<T>();
  }
}

function weightAt<T>(logits: usize, c: i32, greatest: i32, table: usize, tableLength: i32): u32 {
  const distance = min(greatest - <i32>load<T>(logits + <usize>c * sizeof<T>()), tableLength - 1);
  return load<u32>(table + 4 * <usize>distance);
}
