import { setImmediate as breathe } from "node:timers/promises";

import { evaluate, type Evaluation } from "../../compute/evaluate.ts";
import type { Program } from "../../compute/program.ts";
import { trainRounds } from "../../compute/training.ts";
import { ensureInput, ensureInvariant } from "../../core/errors.ts";
import { tensorFiles, type LabelledSamples } from "../../models/labelled-samples.ts";

/** Test samples that are answered while the training runs, and how often. */
const SHOWN_SAMPLES = 1_000;
const SHOWN_EVERY_MS = 1_000;

/** What to train, on what, and how long. */
export interface LocalTraining {
  readonly program: Program;
  readonly seed: Uint8Array;
  readonly rounds: number;
  readonly train: LabelledSamples;
  readonly test: LabelledSamples;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress) => void;
}

/** Where a training is. */
export interface TrainingProgress {
  readonly round: number;
  readonly rounds: number;
  /** Of the time spent on training alone. */
  readonly stepsPerSecond: number;
  readonly evaluation: Evaluation;
}

/**
 * Trains on this machine, as a job's workers would, to the same bits.
 * @throws GlassboxError `CLI_DATA_MISMATCH` for samples of another length, or of more classes.
 */
export async function trainModel(training: LocalTraining): Promise<TrainingProgress & { weights: Uint8Array }> {
  const { program, seed, rounds, train, test, signal, onProgress } = training;
  ensureLength(program, train);
  ensureClasses(program, Math.max(train.classes, test.classes));
  const steps = program.parts * program.stepsPerPart;
  let trainedMs = 0;
  let shownAt = performance.now();
  let startedAt = shownAt;
  let weights: Uint8Array | undefined;
  const progressAt = (round: number, evaluation: Evaluation): TrainingProgress => {
    return { round, rounds, stepsPerSecond: Math.round((1_000 * round * steps) / trainedMs), evaluation };
  };
  for (const { round, next } of trainRounds({ program, seed, data: tensorFiles(train) }, rounds)) {
    weights = next;
    trainedMs += performance.now() - startedAt;
    if (performance.now() - shownAt >= SHOWN_EVERY_MS) {
      onProgress(progressAt(round + 1, evaluate(program, weights, test, SHOWN_SAMPLES)));
      shownAt = performance.now();
    }
    await breathe();
    signal.throwIfAborted();
    startedAt = performance.now();
  }
  ensureInvariant(weights !== undefined, "CLI_TRAINING_EMPTY", "no round was trained");
  return { ...progressAt(rounds, evaluate(program, weights, test)), weights };
}

function ensureLength({ tensors }: Program, { sampleBytes }: LabelledSamples): void {
  const read = tensors.find(({ role }) => role === "samples")?.columns ?? 0;
  ensureInput(
    sampleBytes === read,
    "CLI_DATA_MISMATCH",
    `the data have ${sampleBytes} bytes a sample, the program reads ${read}`,
  );
}

function ensureClasses(program: Program, classes: number): void {
  const answers = program.tensors.find(({ section, output }) => section === "infer" && output === 0);
  const known = Number(answers?.highest ?? -1n) + 1;
  ensureInput(classes <= known, "CLI_DATA_MISMATCH", `the data have ${classes} classes, the program knows ${known}`);
}
