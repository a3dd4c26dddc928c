import type { MlpShapes, MlpWeights } from "../../../src/proofs/mlp-circuit.ts";

/** floor((x + 2^(s-1)) / 2^s), then saturated to 0..127. */
export function requantiseRelu(value: number, shift: number): number {
  return Math.min(127, Math.max(0, Math.floor((value + 2 ** (shift - 1)) / 2 ** shift)));
}

/** Index of the largest value, the lowest one on a tie. */
export function argMax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** The network as its circuit defines it, in plain numbers. */
export function forward(
  weights: MlpWeights,
  { inputs, hidden, outputs, shift }: MlpShapes,
  pixels: Uint8Array,
): number {
  const x = Array.from(pixels, (pixel, i) => (i === 0 ? 255 : pixel));
  const dot = (rows: Int16Array, row: number, columns: number, vector: readonly number[]): number =>
    vector.reduce((sum, value, i) => sum + rows[row * columns + i]! * value, 0);
  const activations = Array.from({ length: hidden }, (_, j) =>
    requantiseRelu(dot(weights.hidden, j, inputs, x), shift),
  );
  return argMax(Array.from({ length: outputs }, (_, k) => dot(weights.outputs, k, hidden, activations)));
}
