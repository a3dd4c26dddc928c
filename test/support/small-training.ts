import { encodeTensor } from "../../src/core/tensor.ts";
import { mlp, type MlpOptions } from "../../src/compute/networks/mlp.ts";
import type { Program } from "../../src/compute/program.ts";
import type { TrainingJob } from "../../src/compute/training.ts";

const SAMPLES = 37;

/** A network small enough to reason about: 12 inputs, 5 hidden units, 3 classes. */
const SMALL_OPTIONS: MlpOptions = {
  parts: 3,
  batch: 4,
  stepsPerPart: 3,
  layers: [
    { clamp: 10_741, initMultiplier: 40_000, shift: 12, gradientShift: 0, updateShift: 12 },
    { clamp: 13_107, initMultiplier: 50_000, shift: 8, gradientShift: 13, updateShift: 8 },
  ],
};

/** The small network's program, with some options replaced. */
export function smallProgram(options: Partial<MlpOptions> = {}): Program {
  return mlp([12, 5, 3], { ...SMALL_OPTIONS, ...options });
}

/** A training job over 37 samples whose class is where their bright third lies. */
export function smallJob(program = smallProgram()): TrainingJob {
  const labels = Uint8Array.from({ length: SAMPLES }, (_, i) => i % 3);
  const samples = Uint8Array.from({ length: SAMPLES * 12 }, (_, at) => {
    const bright = Math.floor((at % 12) / 4) === Math.floor(at / 12) % 3;
    return (bright ? 180 : 10) + ((at * 37) % 60);
  });
  return {
    program,
    seed: Uint8Array.from({ length: 32 }, (_, i) => i),
    data: {
      samples: encodeTensor({ type: "u8", rows: SAMPLES, columns: 12 }, samples),
      labels: encodeTensor({ type: "u8", rows: SAMPLES, columns: 1 }, labels),
      count: SAMPLES,
    },
  };
}
