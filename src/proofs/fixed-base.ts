import type { Group, Point } from "ffjavascript";

const SCALAR_BITS = 254;

/**
 * Multiples of a group's generator by tables: each window of bits selects one precomputed multiple, so a product costs
 * additions only. Wider windows pay off from some thousands of products on.
 */
export class FixedBase {
  readonly #group: Group;
  readonly #windowBits: number;
  readonly #multiples: Uint8Array;

  private constructor(group: Group, windowBits: number, multiples: Uint8Array) {
    this.#group = group;
    this.#windowBits = windowBits;
    this.#multiples = multiples;
  }

  static async create(group: Group, windowBits: number): Promise<FixedBase> {
    const points: Point[] = [];
    let base = group.g;
    for (let bit = 0; bit < SCALAR_BITS; bit += windowBits) {
      let multiple = group.zero;
      for (let digit = 0; digit < 2 ** windowBits; digit++) {
        points.push(multiple);
        multiple = group.add(multiple, base);
      }
      base = multiple;
    }
    return new FixedBase(group, windowBits, await group.batchToAffine(concatenate(points)));
  }

  /** scalar * generator for each scalar, as affine points one after the other; 0 gives the zero point. */
  async multiply(scalars: readonly bigint[]): Promise<Uint8Array> {
    return this.#group.batchToAffine(concatenate(scalars.map((scalar) => this.#times(scalar))));
  }

  #times(scalar: bigint): Point {
    const pointBytes = 2 * this.#group.F.n8;
    const digits = 2 ** this.#windowBits;
    const mask = BigInt(digits - 1);
    let sum = this.#group.zero;
    let rest = scalar;
    for (let window = 0; rest > 0n; window++, rest >>= BigInt(this.#windowBits)) {
      const digit = Number(rest & mask);
      if (digit === 0) continue;
      const start = (window * digits + digit) * pointBytes;
      sum = this.#group.add(sum, this.#multiples.subarray(start, start + pointBytes));
    }
    return sum;
  }
}

function concatenate(points: readonly Point[]): Uint8Array {
  const size = points[0]?.length ?? 0;
  const bytes = new Uint8Array(size * points.length);
  points.forEach((point, i) => {
    bytes.set(point, i * size);
  });
  return bytes;
}
