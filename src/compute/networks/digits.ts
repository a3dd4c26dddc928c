import type { CnnOptions } from "./cnn.ts";
import type { MlpOptions } from "./mlp.ts";

/** The perceptron for MNIST that speed and accuracy are measured with; docs/decisions tells how its settings were chosen. */
export const DIGITS_MLP: MlpOptions & { readonly sizes: readonly number[] } = {
  sizes: [784, 128, 10],
  parts: 1,
  batch: 128,
  stepsPerPart: 64,
  layers: [
    { clamp: 10_741, initMultiplier: 2_866, shift: 18, gradientShift: 0, updateShift: 17 },
    { clamp: 13_107, initMultiplier: 14_189, shift: 10, gradientShift: 13, updateShift: 12 },
  ],
};

/** The convolutional network for MNIST, likewise. */
export const DIGITS_CNN: CnnOptions = {
  side: 28,
  classes: 10,
  parts: 1,
  batch: 64,
  stepsPerPart: 64,
  convolutions: [
    {
      kernel: 5,
      filters: 8,
      pool: 2,
      clamp: 32_767,
      initMultiplier: 31_784,
      shift: 16,
      gradientShift: 0,
      gradientClamp: 8_191,
      chunkShift: 8,
      updateShift: 9,
    },
    {
      kernel: 5,
      filters: 16,
      pool: 2,
      clamp: 32_767,
      initMultiplier: 11_351,
      shift: 13,
      gradientShift: 9,
      gradientClamp: 5_242,
      chunkShift: 8,
      updateShift: 6,
      passing: { shift: 4, clamp: 1_023 },
    },
  ],
  dense: { clamp: 13_107, initMultiplier: 7_095, shift: 12, gradientShift: 14, updateShift: 15 },
};
