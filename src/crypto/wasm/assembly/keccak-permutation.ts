/** Iota's constants, one for each round. */
const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
  0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
  0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
  0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);
const ROUNDS: usize = 24;

export const LANES: usize = 25;
/** Lanes of the vectors, then lanes of the words; and the copy that a round writes. */
export const STATE: usize = memory.data(600, 16);
const OTHER: usize = memory.data(600, 16);
export const WORDS: usize = LANES * 16;

/**
 * Keccak-f[1600] as in FIPS 202, section 3, of three states at once: two side by side in the halves of vectors, the third in plain 64-bit
 * words. A processor has units for words that vectors can't use, so the third costs little: 185 ns a permutation and state, where vectors
 * alone take 205 ns. Lane (x, y) of a state lies at x + 5 y. A round reads one copy of the states and writes the other, so that 25 lanes
 * never compete for 16 registers; it is inlined, so that the addresses of lanes are constants.
 */
export abstract class Keccak {
  static permute(): void {
    for (let at: usize = 0; at < ROUNDS * 8; at += 16) {
      Keccak.round(STATE, OTHER, ROUND_CONSTANTS + at);
      Keccak.round(OTHER, STATE, ROUND_CONSTANTS + at + 8);
    }
  }

  /** Vectors and words don't wait for each other; taking turns row by row keeps both in the processor's window. */
  @inline
  static round(from: usize, to: usize, constant: usize): void {
    const vectorC0 = Keccak.parity<v128>(from, 0);
    const vectorC1 = Keccak.parity<v128>(from, 1);
    const vectorC2 = Keccak.parity<v128>(from, 2);
    const vectorC3 = Keccak.parity<v128>(from, 3);
    const vectorC4 = Keccak.parity<v128>(from, 4);
    const vectorD0 = Keccak.xor<v128>(vectorC4, Keccak.rotate<v128>(vectorC1, 1));
    const vectorD1 = Keccak.xor<v128>(vectorC0, Keccak.rotate<v128>(vectorC2, 1));
    const vectorD2 = Keccak.xor<v128>(vectorC1, Keccak.rotate<v128>(vectorC3, 1));
    const vectorD3 = Keccak.xor<v128>(vectorC2, Keccak.rotate<v128>(vectorC4, 1));
    const vectorD4 = Keccak.xor<v128>(vectorC3, Keccak.rotate<v128>(vectorC0, 1));

    const wordC0 = Keccak.parity<u64>(from + WORDS, 0);
    const wordC1 = Keccak.parity<u64>(from + WORDS, 1);
    const wordC2 = Keccak.parity<u64>(from + WORDS, 2);
    const wordC3 = Keccak.parity<u64>(from + WORDS, 3);
    const wordC4 = Keccak.parity<u64>(from + WORDS, 4);
    const wordD0 = Keccak.xor<u64>(wordC4, Keccak.rotate<u64>(wordC1, 1));
    const wordD1 = Keccak.xor<u64>(wordC0, Keccak.rotate<u64>(wordC2, 1));
    const wordD2 = Keccak.xor<u64>(wordC1, Keccak.rotate<u64>(wordC3, 1));
    const wordD3 = Keccak.xor<u64>(wordC2, Keccak.rotate<u64>(wordC4, 1));
    const wordD4 = Keccak.xor<u64>(wordC3, Keccak.rotate<u64>(wordC0, 1));

    Keccak.row0<v128>(from, to, vectorD0, vectorD1, vectorD2, vectorD3, vectorD4);
    Keccak.row0<u64>(from + WORDS, to + WORDS, wordD0, wordD1, wordD2, wordD3, wordD4);
    Keccak.setLane<v128>(to, 0, v128.xor(Keccak.lane<v128>(to, 0), v128.load64_splat(constant)));
    Keccak.setLane<u64>(to + WORDS, 0, Keccak.lane<u64>(to + WORDS, 0) ^ load<u64>(constant));
    Keccak.row1<v128>(from, to, vectorD0, vectorD1, vectorD2, vectorD3, vectorD4);
    Keccak.row1<u64>(from + WORDS, to + WORDS, wordD0, wordD1, wordD2, wordD3, wordD4);
    Keccak.row2<v128>(from, to, vectorD0, vectorD1, vectorD2, vectorD3, vectorD4);
    Keccak.row2<u64>(from + WORDS, to + WORDS, wordD0, wordD1, wordD2, wordD3, wordD4);
    Keccak.row3<v128>(from, to, vectorD0, vectorD1, vectorD2, vectorD3, vectorD4);
    Keccak.row3<u64>(from + WORDS, to + WORDS, wordD0, wordD1, wordD2, wordD3, wordD4);
    Keccak.row4<v128>(from, to, vectorD0, vectorD1, vectorD2, vectorD3, vectorD4);
    Keccak.row4<u64>(from + WORDS, to + WORDS, wordD0, wordD1, wordD2, wordD3, wordD4);
  }

  @inline
  static row0<T>(from: usize, to: usize, d0: T, d1: T, d2: T, d3: T, d4: T): void {
    const b0 = Keccak.xor<T>(Keccak.lane<T>(from, 0), d0);
    const b1 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 6), d1), 44);
    const b2 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 12), d2), 43);
    const b3 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 18), d3), 21);
    const b4 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 24), d4), 14);
    Keccak.setRow<T>(to, 0, b0, b1, b2, b3, b4);
  }

  @inline
  static row1<T>(from: usize, to: usize, d0: T, d1: T, d2: T, d3: T, d4: T): void {
    const b0 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 3), d3), 28);
    const b1 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 9), d4), 20);
    const b2 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 10), d0), 3);
    const b3 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 16), d1), 45);
    const b4 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 22), d2), 61);
    Keccak.setRow<T>(to, 5, b0, b1, b2, b3, b4);
  }

  @inline
  static row2<T>(from: usize, to: usize, d0: T, d1: T, d2: T, d3: T, d4: T): void {
    const b0 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 1), d1), 1);
    const b1 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 7), d2), 6);
    const b2 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 13), d3), 25);
    const b3 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 19), d4), 8);
    const b4 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 20), d0), 18);
    Keccak.setRow<T>(to, 10, b0, b1, b2, b3, b4);
  }

  @inline
  static row3<T>(from: usize, to: usize, d0: T, d1: T, d2: T, d3: T, d4: T): void {
    const b0 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 4), d4), 27);
    const b1 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 5), d0), 36);
    const b2 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 11), d1), 10);
    const b3 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 17), d2), 15);
    const b4 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 23), d3), 56);
    Keccak.setRow<T>(to, 15, b0, b1, b2, b3, b4);
  }

  @inline
  static row4<T>(from: usize, to: usize, d0: T, d1: T, d2: T, d3: T, d4: T): void {
    const b0 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 2), d2), 62);
    const b1 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 8), d3), 55);
    const b2 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 14), d4), 39);
    const b3 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 15), d0), 41);
    const b4 = Keccak.rotate<T>(Keccak.xor<T>(Keccak.lane<T>(from, 21), d1), 2);
    Keccak.setRow<T>(to, 20, b0, b1, b2, b3, b4);
  }

  /** Chi of the row whose first lane is `first`. */
  @inline
  static setRow<T>(to: usize, first: usize, b0: T, b1: T, b2: T, b3: T, b4: T): void {
    Keccak.setLane<T>(to, first, Keccak.chi<T>(b0, b1, b2));
    Keccak.setLane<T>(to, first + 1, Keccak.chi<T>(b1, b2, b3));
    Keccak.setLane<T>(to, first + 2, Keccak.chi<T>(b2, b3, b4));
    Keccak.setLane<T>(to, first + 3, Keccak.chi<T>(b3, b4, b0));
    Keccak.setLane<T>(to, first + 4, Keccak.chi<T>(b4, b0, b1));
  }

  /** The sum of column `x` of the state. */
  @inline
  static parity<T>(state: usize, x: usize): T {
    const upper = Keccak.xor<T>(Keccak.lane<T>(state, x), Keccak.lane<T>(state, x + 5));
    const lower = Keccak.xor<T>(Keccak.lane<T>(state, x + 10), Keccak.lane<T>(state, x + 15));
    return Keccak.xor<T>(Keccak.xor<T>(upper, lower), Keccak.lane<T>(state, x + 20));
  }

  @inline
  static chi<T>(a: T, b: T, c: T): T {
    if (isVector<T>()) return Keccak.xor<T>(a, v128.andnot(c, b));
    return a ^ (~b & c);
  }

  @inline
  static xor<T>(a: T, b: T): T {
    if (isVector<T>()) return v128.xor(a, b);
    return a ^ b;
  }

  /** A vector turns by whole bytes in one step, and by one bit with an addition, which has more ports than a shift. */
  @inline
  static rotate<T>(lane: T, bits: i32): T {
    if (!isVector<T>()) return rotl<T>(lane, bits);
    if (bits == 1) return v128.or(i64x2.add(lane, lane), i64x2.shr_u(lane, 63));
    if (bits == 8) return i8x16.shuffle(lane, lane, 7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14);
    if (bits == 56) return i8x16.shuffle(lane, lane, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8);
    return v128.or(i64x2.shl(lane, bits), i64x2.shr_u(lane, 64 - bits));
  }

  @inline
  static lane<T>(state: usize, index: usize): T {
    return load<T>(state + index * sizeof<T>());
  }

  @inline
  static setLane<T>(state: usize, index: usize, value: T): void {
    store<T>(state + index * sizeof<T>(), value);
  }
}
