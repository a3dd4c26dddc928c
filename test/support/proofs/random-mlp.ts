import { encodeTensorSet } from "../../../src/core/tensor.ts";
import type { MlpShapes, MlpWeights } from "../../../src/proofs/mlp-circuit.ts";
import { poseidonTwin } from "../../../src/proofs/poseidon-twin.ts";

/** The instance that tests build: its set-up takes seconds. */
export const SMALL: MlpShapes = { inputs: 16, hidden: 8, outputs: 4, shift: 12 };

/** The instance of the demo. */
export const MNIST: MlpShapes = { inputs: 784, hidden: 32, outputs: 10, shift: 17 };

/** The instance whose weights are committed. */
export const COMMITTED: MlpShapes = { inputs: 5, hidden: 8, outputs: 3, shift: 12 };

/** The Poseidon twin of the weights file of a committed model. */
export function twinOfWeights({ hidden, outputs }: MlpWeights): bigint {
  const shapes = [
    { type: "i16", rows: COMMITTED.hidden, columns: COMMITTED.inputs },
    { type: "i16", rows: COMMITTED.outputs, columns: COMMITTED.hidden },
  ] as const;
  return poseidonTwin(encodeTensorSet(shapes, [hidden, outputs]));
}

/** Numerical Recipes' linear congruential generator: the same numbers on every machine. Returns values in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Weights of the size that training ends with. */
export function randomWeights({ inputs, hidden, outputs, shift }: MlpShapes, seed: number): MlpWeights {
  const next = random(seed);
  const spread = Math.min(8_000, (4 * 2 ** (shift + 7)) / (255 * Math.sqrt(inputs)));
  const layer = (length: number, size: number): Int16Array =>
    Int16Array.from({ length }, () => Math.round((2 * next() - 1) * size));
  return { hidden: layer(hidden * inputs, spread), outputs: layer(outputs * hidden, 8_000) };
}

export function randomPixels({ inputs }: MlpShapes, seed: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: inputs }, () => Math.floor(256 * next()));
}
