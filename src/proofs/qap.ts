import { FIELD_ORDER, inverse, inverses, power, reduce } from "./field.ts";
import type { R1cs, Term } from "./r1cs.ts";

/** The size of the evaluation domain: one row a constraint, and one each for the constant and the public signals. */
export function domainSize(constraintCount: number, publicCount: number): number {
  return 2 ** Math.ceil(Math.log2(constraintCount + publicCount + 1));
}

/** Per signal, its three polynomials at one point. */
export interface QapValues {
  readonly a: bigint[];
  readonly b: bigint[];
  readonly c: bigint[];
}

/**
 * The polynomials of Groth16 (https://eprint.iacr.org/2016/260, section 2.4) at `tau`, with the row a_i = w_i that snarkjs adds for the
 * constant and each public signal so that they are linearly independent.
 * @param lagrange values of the domain's Lagrange polynomials at tau
 */
export function evaluateQap(r1cs: R1cs, lagrange: readonly bigint[]): QapValues {
  const zeros = (): bigint[] => new Array<bigint>(r1cs.signalCount).fill(0n);
  const values: QapValues = { a: zeros(), b: zeros(), c: zeros() };
  const add = (sums: bigint[], terms: readonly Term[], row: number): void => {
    for (const { signal, coefficient } of terms) {
      sums[signal] = (sums[signal]! + coefficient * lagrange[row]!) % FIELD_ORDER;
    }
  };
  r1cs.constraints.forEach(({ a, b, c }, row) => {
    add(values.a, a, row);
    add(values.b, b, row);
    add(values.c, c, row);
  });
  for (let signal = 0; signal <= r1cs.publicCount; signal++) {
    add(values.a, [{ signal, coefficient: 1n }], r1cs.constraints.length + signal);
  }
  return values;
}

/**
 * Values at `tau` of the Lagrange polynomials of the domain {root^i}: L_i(tau) = (tau^n - 1) / n * root^i / (tau - root^i).
 * @param root a primitive root of unity of order `size`
 */
export function lagrangeAt(tau: bigint, root: bigint, size: number): bigint[] {
  const points: bigint[] = [];
  for (let i = 0, point = 1n; i < size; i++, point = (point * root) % FIELD_ORDER) points.push(point);
  const scale = reduce((power(tau, BigInt(size)) - 1n) * inverse(BigInt(size)));
  const differences = inverses(points.map((point) => reduce(tau - point)));
  return points.map((point, i) => (((scale * point) % FIELD_ORDER) * differences[i]!) % FIELD_ORDER);
}
