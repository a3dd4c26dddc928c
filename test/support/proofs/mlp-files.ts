import { mlp } from "../../../src/compute/networks/mlp.ts";
import type { Program } from "../../../src/compute/program.ts";
import { encodeTensorSet } from "../../../src/core/tensor.ts";
import type { MlpShapes, MlpWeights } from "../../../src/proofs/mlp-circuit.ts";

/** The perceptron of a circuit's sizes. */
export function programOf({ inputs, hidden, outputs, shift }: MlpShapes): Program {
  // As much as cannot overflow, forward and back.
  const clamp = Math.min(10_000, Math.floor((2 ** 31 - 2 ** shift) / (255 * inputs)));
  const upperClamp = Math.min(10_000, Math.floor((2 ** 31 - 1) / (2 ** 14 * outputs)));
  return mlp([inputs, hidden, outputs], {
    parts: 1,
    batch: 4,
    stepsPerPart: 2,
    layers: [
      { clamp, initMultiplier: 5_732, shift, gradientShift: 0, updateShift: 12 },
      { clamp: upperClamp, initMultiplier: 28_378, shift: 11, gradientShift: 13, updateShift: 11 },
    ],
  });
}

/** The weights file of a perceptron. */
export function weightsFileOf({ inputs, hidden, outputs }: MlpShapes, weights: MlpWeights): Uint8Array {
  const shapes = [
    { type: "i16", rows: hidden, columns: inputs },
    { type: "i16", rows: outputs, columns: hidden },
  ] as const;
  return encodeTensorSet(shapes, [weights.hidden, weights.outputs]);
}
