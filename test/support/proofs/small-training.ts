import { provableRegression } from "../../../src/compute/networks/provable-regression.ts";
import { trainingStatement } from "../../../src/compute/training-proof-job.ts";
import { initialWeights, runPart, type TrainingJob } from "../../../src/compute/training.ts";
import { readIris } from "../../../src/models/iris.ts";
import { tensorFiles } from "../../../src/models/labelled-samples.ts";
import type { TrainingShapes } from "../../../src/proofs/training-proof.ts";

/** The instance that tests build: two steps of three flowers, its set-up takes seconds. */
export const SMALL_TRAINING: TrainingShapes = {
  features: 4,
  batch: 3,
  steps: 2,
  bias: 96,
  logitShift: 11,
  updateShift: 16,
};

/** Training on Iris from a seed of equal bytes. */
export function irisJob(shapes: TrainingShapes, seed: number): TrainingJob {
  return {
    program: provableRegression(shapes),
    seed: new Uint8Array(32).fill(seed),
    data: tensorFiles(readIris("train")),
  };
}

/** What the program does with a job; the circuit must give the same public signals. */
export function trainedBy(job: TrainingJob): { start: Uint8Array; end: Uint8Array; publicSignals: bigint[] } {
  const start = initialWeights(job.program, job.seed);
  const end = runPart(job, start, 0, 0);
  return { start, end, publicSignals: trainingStatement(job, end) };
}
