import { Keccak, LANES, STATE, WORDS } from "./keccak-permutation";

/** keccak256 of runs of messages of one length, three at a time. */

/** Bytes that a message absorbs before a permutation, for 32 bytes of hash. */
const RATE: usize = 136;
/** Messages at a time. */
const WIDTH: usize = 3;

/** Where messages lie, and how many bytes of them fit. */
export const INPUT: usize = memory.data(49152, 16);
export const INPUT_BYTES: usize = 49152;
/** Where hashes come out: at most half as long as what they are of. */
export const OUTPUT: usize = memory.data(24576, 16);

/** Hashes `count` leaves of 256 bytes. Up to two more hashes are written. */
export function hashLeaves(count: usize): void {
  for (let i: usize = 0; i < count; i += WIDTH) {
    const leaf = INPUT + i * 256;
    clear();
    absorb(leaf, 256, RATE);
    Keccak.permute();
    absorb(leaf + RATE, 256, 256 - RATE);
    pad(256 - RATE);
    Keccak.permute();
    squeeze(OUTPUT + i * 32);
  }
}

/** Hashes `count` pairs of hashes. Up to two more hashes are written. */
export function hashPairs(count: usize): void {
  for (let i: usize = 0; i < count; i += WIDTH) {
    clear();
    absorb(INPUT + i * 64, 64, 64);
    pad(64);
    Keccak.permute();
    squeeze(OUTPUT + i * 32);
  }
}

function clear(): void {
  memory.fill(STATE, 0, LANES * 24);
}

/** Adds `length` bytes of three messages that lie `distance` bytes apart. */
function absorb(message: usize, distance: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 8) {
    const first = v128.load64_zero(message + at);
    add(at, v128.load64_lane(message + at + distance, first, 1), load<u64>(message + at + 2 * distance));
  }
}

/** Ends the messages, of which the last block has `length` bytes. */
function pad(length: usize): void {
  add(length, i64x2.splat(1), 1);
  add(RATE - 8, i64x2.splat(i64.MIN_VALUE), i64.MIN_VALUE);
}

/** Adds to the lane that holds byte `at` of a block. */
function add(at: usize, both: v128, third: u64): void {
  const lane = STATE + 2 * at;
  v128.store(lane, v128.xor(v128.load(lane), both));
  const word = STATE + WORDS + at;
  store<u64>(word, load<u64>(word) ^ third);
}

/** Writes the hashes of the messages. */
function squeeze(hash: usize): void {
  for (let at: usize = 0; at < 32; at += 8) {
    const lane = v128.load(STATE + 2 * at);
    v128.store64_lane(hash + at, lane, 0);
    v128.store64_lane(hash + at + 32, lane, 1);
    store<u64>(hash + at + 64, load<u64>(STATE + WORDS + at));
  }
}
