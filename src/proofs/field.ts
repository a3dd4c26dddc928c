/** Order of the scalar field of BN254: every signal of a circuit and every public input is below it. */
export const FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Modulus of the coordinates of BN254's curve points. */
export const COORDINATE_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** The representative of `value` in 0..FIELD_ORDER-1. */
export function reduce(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

/** base^exponent in the scalar field, for a non-negative exponent. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = reduce(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % FIELD_ORDER;
    square = (square * square) % FIELD_ORDER;
  }
  return result;
}

/** Multiplicative inverse in the scalar field; 0 for 0. */
export function inverse(value: bigint): bigint {
  return power(value, FIELD_ORDER - 2n);
}

/** Inverses of many non-zero elements for the price of one inversion (Montgomery's trick). */
export function inverses(values: readonly bigint[]): bigint[] {
  const prefixes: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefixes.push(product);
    product = (product * value) % FIELD_ORDER;
  }
  let rest = inverse(product);
  const result = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (rest * prefixes[i]!) % FIELD_ORDER;
    rest = (rest * values[i]!) % FIELD_ORDER;
  }
  return result;
}
