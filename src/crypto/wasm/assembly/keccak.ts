/**
 * keccak256 of runs of messages of one length, two at a time: each 64-bit lane of the state stands for two messages side by side.
 * Keccak-f[1600] as in FIPS 202, section 3; lane (x, y) lies at 16 (x + 5 y) bytes. A round reads one copy of the state and writes the
 * other, so that its 25 lanes never compete for 16 registers: 225 ns a permutation and message, where 25 locals are no faster and unrolling
 * two rounds gains 1 %.
 */

/** Bytes that a message absorbs before a permutation, for 32 bytes of hash. */
const RATE: usize = 136;
const LANES: usize = 25;

/** Iota's constants, one for each round. */
const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
  0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
  0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
  0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);
const ROUNDS: usize = 24;

const STATE: usize = memory.data(400, 16);
const OTHER: usize = memory.data(400, 16);

/** Where messages lie, and how many bytes of them fit. */
export const INPUT: usize = memory.data(65536, 16);
export const INPUT_BYTES: usize = 65536;
/** Where hashes come out: at most half as long as what they are of. */
export const OUTPUT: usize = memory.data(32768, 16);

/** Hashes `count` leaves of 256 bytes. One more hash is written if the count is odd. */
export function hashLeaves(count: usize): void {
  for (let i: usize = 0; i < count; i += 2) {
    const leaf = INPUT + i * 256;
    clear();
    absorb(leaf, 256, RATE);
    permute();
    absorb(leaf + RATE, 256, 256 - RATE);
    pad(256 - RATE);
    permute();
    squeeze(OUTPUT + i * 32);
  }
}

/** Hashes `count` pairs of hashes. One more hash is written if the count is odd. */
export function hashPairs(count: usize): void {
  for (let i: usize = 0; i < count; i += 2) {
    clear();
    absorb(INPUT + i * 64, 64, 64);
    pad(64);
    permute();
    squeeze(OUTPUT + i * 32);
  }
}

function clear(): void {
  memory.fill(STATE, 0, LANES * 16);
}

/** Adds `length` bytes of two messages that lie `distance` bytes apart. */
function absorb(message: usize, distance: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 8) {
    const first = v128.load64_zero(message + at);
    add(at, v128.load64_lane(message + at + distance, first, 1));
  }
}

/** Ends both messages, of which the last block has `length` bytes. */
function pad(length: usize): void {
  add(length, i64x2.splat(1));
  add(RATE - 8, i64x2.splat(i64.MIN_VALUE));
}

/** Adds to the lane that holds byte `at` of a block. */
function add(at: usize, value: v128): void {
  const lane = STATE + 2 * at;
  v128.store(lane, v128.xor(v128.load(lane), value));
}

/** Writes the hashes of both messages. */
function squeeze(hash: usize): void {
  for (let at: usize = 0; at < 32; at += 8) {
    const lane = v128.load(STATE + 2 * at);
    v128.store64_lane(hash + at, lane, 0);
    v128.store64_lane(hash + at + 32, lane, 1);
  }
}

function permute(): void {
  for (let at: usize = 0; at < ROUNDS * 8; at += 16) {
    round(STATE, OTHER, v128.load64_splat(ROUND_CONSTANTS + at));
    round(OTHER, STATE, v128.load64_splat(ROUND_CONSTANTS + at, 8));
  }
}

function round(from: usize, to: usize, constant: v128): void {
  const c0 = parity(from, 0);
  const c1 = parity(from, 1);
  const c2 = parity(from, 2);
  const c3 = parity(from, 3);
  const c4 = parity(from, 4);
  const d0 = v128.xor(c4, rotate1(c1));
  const d1 = v128.xor(c0, rotate1(c2));
  const d2 = v128.xor(c1, rotate1(c3));
  const d3 = v128.xor(c2, rotate1(c4));
  const d4 = v128.xor(c3, rotate1(c0));

  let b0 = v128.xor(v128.load(from), d0);
  let b1 = rotate(v128.xor(v128.load(from, 96), d1), 44);
  let b2 = rotate(v128.xor(v128.load(from, 192), d2), 43);
  let b3 = rotate(v128.xor(v128.load(from, 288), d3), 21);
  let b4 = rotate(v128.xor(v128.load(from, 384), d4), 14);
  v128.store(to, v128.xor(chi(b0, b1, b2), constant));
  v128.store(to, chi(b1, b2, b3), 16);
  v128.store(to, chi(b2, b3, b4), 32);
  v128.store(to, chi(b3, b4, b0), 48);
  v128.store(to, chi(b4, b0, b1), 64);

  b0 = rotate(v128.xor(v128.load(from, 48), d3), 28);
  b1 = rotate(v128.xor(v128.load(from, 144), d4), 20);
  b2 = rotate(v128.xor(v128.load(from, 160), d0), 3);
  b3 = rotate(v128.xor(v128.load(from, 256), d1), 45);
  b4 = rotate(v128.xor(v128.load(from, 352), d2), 61);
  v128.store(to, chi(b0, b1, b2), 80);
  v128.store(to, chi(b1, b2, b3), 96);
  v128.store(to, chi(b2, b3, b4), 112);
  v128.store(to, chi(b3, b4, b0), 128);
  v128.store(to, chi(b4, b0, b1), 144);

  b0 = rotate1(v128.xor(v128.load(from, 16), d1));
  b1 = rotate(v128.xor(v128.load(from, 112), d2), 6);
  b2 = rotate(v128.xor(v128.load(from, 208), d3), 25);
  b3 = rotate8(v128.xor(v128.load(from, 304), d4));
  b4 = rotate(v128.xor(v128.load(from, 320), d0), 18);
  v128.store(to, chi(b0, b1, b2), 160);
  v128.store(to, chi(b1, b2, b3), 176);
  v128.store(to, chi(b2, b3, b4), 192);
  v128.store(to, chi(b3, b4, b0), 208);
  v128.store(to, chi(b4, b0, b1), 224);

  b0 = rotate(v128.xor(v128.load(from, 64), d4), 27);
  b1 = rotate(v128.xor(v128.load(from, 80), d0), 36);
  b2 = rotate(v128.xor(v128.load(from, 176), d1), 10);
  b3 = rotate(v128.xor(v128.load(from, 272), d2), 15);
  b4 = rotate56(v128.xor(v128.load(from, 368), d3));
  v128.store(to, chi(b0, b1, b2), 240);
  v128.store(to, chi(b1, b2, b3), 256);
  v128.store(to, chi(b2, b3, b4), 272);
  v128.store(to, chi(b3, b4, b0), 288);
  v128.store(to, chi(b4, b0, b1), 304);

  b0 = rotate(v128.xor(v128.load(from, 32), d2), 62);
  b1 = rotate(v128.xor(v128.load(from, 128), d3), 55);
  b2 = rotate(v128.xor(v128.load(from, 224), d4), 39);
  b3 = rotate(v128.xor(v128.load(from, 240), d0), 41);
  b4 = rotate(v128.xor(v128.load(from, 336), d1), 2);
  v128.store(to, chi(b0, b1, b2), 320);
  v128.store(to, chi(b1, b2, b3), 336);
  v128.store(to, chi(b2, b3, b4), 352);
  v128.store(to, chi(b3, b4, b0), 368);
  v128.store(to, chi(b4, b0, b1), 384);
}

/** The sum of column `x` of the state. */
function parity(state: usize, x: usize): v128 {
  const column = state + 16 * x;
  const upper = v128.xor(v128.load(column), v128.load(column, 80));
  const lower = v128.xor(v128.load(column, 160), v128.load(column, 240));
  return v128.xor(v128.xor(upper, lower), v128.load(column, 320));
}

function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b));
}

function rotate(lane: v128, bits: i32): v128 {
  return v128.or(i64x2.shl(lane, bits), i64x2.shr_u(lane, 64 - bits));
}

/** An addition has more ports than a shift. */
function rotate1(lane: v128): v128 {
  return v128.or(i64x2.add(lane, lane), i64x2.shr_u(lane, 63));
}

function rotate8(lane: v128): v128 {
  return i8x16.shuffle(lane, lane, 7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14);
}

function rotate56(lane: v128): v128 {
  return i8x16.shuffle(lane, lane, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8);
}
