/**
 * The forms in which products read their operands. *Rows*: i16, each row zero-filled to a multiple of 8 elements. *Tiles*: the rows of a matrix two by
 * two, so that a 32-bit lane holds an element and the one below it, in tiles of 4 or 8 columns that hold all rows, zero-filled. *Images*: i16 with
 * a frame of zeros.
 */
import { I16, I8, U8 } from "./elements";

/** Columns that are turned into pairs at a time. */
const PAIRED: i32 = 8;

/** Brings a matrix of i8, u8 or i16 into the form of rows. */
export function packRows(x: usize, type: i32, out: usize, rows: i32, columns: i32): void {
  const stride = (columns + 7) & ~7;
  for (let row: i32 = 0; row < rows; row++) {
    let column: i32 = 0;
    if (type == I16) {
      memory.copy(out, x, 2 * <usize>columns);
      column = columns;
    } else {
      for (; column + 8 <= columns; column += 8) v128.store(out + 2 * <usize>column, load8(x + column, type));
      for (; column < columns; column++) store<i16>(out + 2 * <usize>column, load1(x + column, type));
    }
    for (; column < stride; column++) store<i16>(out + 2 * <usize>column, 0);
    x += type == I16 ? 2 * <usize>columns : <usize>columns;
    out += <usize>stride * 2;
  }
}

/** Brings a matrix of i8, u8 or i16 into the form of tiles with `width` columns, 4 or 8. */
export function packTiles(x: usize, type: i32, out: usize, rows: i32, columns: i32, width: i32): void {
  const size: usize = type == I16 ? 2 : 1;
  const pairs = (rows + 1) >> 1;
  const rowBytes = <usize>columns * size;
  const pairBytes = <usize>width * 4;
  for (let pair: i32 = 0; pair < pairs; pair++) {
    const upper = x + 2 * <usize>pair * rowBytes;
    const hasLower = 2 * pair + 1 < rows;
    for (let column: i32 = 0; column < columns; column += PAIRED) {
      const at = <usize>column * size;
      let a: v128;
      let b = i16x8.splat(0);
      if (column + PAIRED <= columns) {
        a = load8(upper + at, type);
        if (hasLower) b = load8(upper + rowBytes + at, type);
      } else {
        a = loadSome(upper + at, type, columns - column);
        if (hasLower) b = loadSome(upper + rowBytes + at, type, columns - column);
      }
      const low = i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
      const high = i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
      if (width == PAIRED) {
        const to = out + (<usize>(column >> 3) * pairs + pair) * pairBytes;
        v128.store(to, low);
        v128.store(to, high, 16);
      } else {
        const tile = <usize>(column >> 2);
        v128.store(out + (tile * pairs + pair) * pairBytes, low);
        if (column + 4 < columns) v128.store(out + ((tile + 1) * pairs + pair) * pairBytes, high);
      }
    }
  }
}

/**
 * Brings an image of i8, u8 or i16 with `channels` elements a pixel into i16, between `padding` pixels of 0 on all sides. Lines follow one another,
 * so a window is `kernel` runs of kernel * channels elements.
 */
export function packImage(x: usize, type: i32, out: usize, height: i32, width: i32, channels: i32, padding: i32): void {
  const line = width * channels;
  const side = 2 * <usize>(padding * channels);
  const above = <usize>padding * (2 * <usize>line + 2 * side);
  memory.fill(out, 0, above);
  out += above;
  for (let y: i32 = 0; y < height; y++) {
    memory.fill(out, 0, side);
    out += side;
    let i: i32 = 0;
    for (; i + 8 <= line; i += 8, out += 16) {
      v128.store(out, load8(x, type));
      x += type == I16 ? 16 : 8;
    }
    for (; i < line; i++, out += 2) {
      store<i16>(out, type == I16 ? load<i16>(x) : load1(x, type));
      x += type == I16 ? 2 : 1;
    }
    memory.fill(out, 0, side);
    out += side;
  }
  memory.fill(out, 0, above);
}

function load8(at: usize, type: i32): v128 {
  if (type == U8) return v128.load8x8_u(at);
  if (type == I8) return v128.load8x8_s(at);
  return v128.load(at);
}

function load1(at: usize, type: i32): i16 {
  return type == U8 ? <i16>load<u8>(at) : <i16>load<i8>(at);
}

/** The first `count` elements, then zeros. */
function loadSome(at: usize, type: i32, count: i32): v128 {
  let mask = i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>count));
  return v128.and(load8(at, type), mask);
}
