import { DEFAULT_TRAINING, mlp, type MlpOptions } from "./mlp.ts";
import type { Layer } from "./network-sections.ts";
import type { Program } from "../program.ts";

/** How a softmax regression is trained: its only layer has nothing below it that a gradient could reach. */
export type SoftmaxRegressionOptions = Omit<MlpOptions, "layers"> & Omit<Layer, "gradientShift">;

/** Settings for Iris, chosen by four-fold cross-validation of its training flowers: 160 steps from zero weights. */
export const IRIS_TRAINING = {
  sizes: [5, 3],
  parts: 1,
  batch: 24,
  stepsPerPart: 8,
  rounds: 20,
  seed: DEFAULT_TRAINING.seed,
  clamp: 32_767,
  initMultiplier: 1,
  shift: 12,
  updateShift: 13,
} as const;

/** The program of a softmax regression: a perceptron without hidden layers. As there, column 0 of the inputs is the bias. */
export function softmaxRegression(
  [inputs, classes]: readonly [inputs: number, classes: number],
  options: SoftmaxRegressionOptions,
): Program {
  return mlp([inputs, classes], { ...options, layers: [{ ...options, gradientShift: 0 }] });
}
