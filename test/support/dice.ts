/** Reproducible choices (xorshift64*). */
export class Dice {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = BigInt.asUintN(64, seed * 0x9e3779b97f4a7c15n + 1n) || 1n;
  }

  #next(): bigint {
    let x = this.#state;
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    x ^= x >> 27n;
    this.#state = x;
    return BigInt.asUintN(64, x * 0x2545f4914f6cdd1dn);
  }

  /** A whole number of [0, limit). */
  below(limit: bigint): bigint {
    return ((this.#next() << 64n) | this.#next()) % limit;
  }

  number(limit: number): number {
    return Number(this.below(BigInt(limit)));
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.number(n) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.number(values.length)]!;
  }

  /** A number of [1, 2^bits), all magnitudes alike. */
  size(bits: number): bigint {
    return 1n + this.below(1n << BigInt(1 + this.number(bits)));
  }
}
