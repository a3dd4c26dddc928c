import { ensureInput } from "../core/errors.ts";
import { createInference } from "./inference.ts";
import type { Program } from "./program.ts";

/** What a model is measured with. */
export interface TestData {
  readonly count: number;
  readonly sampleBytes: number;
  readonly samples: Uint8Array;
  readonly labels: Uint8Array;
}

/** How well a model does. */
export interface Evaluation {
  readonly samples: number;
  readonly correct: number;
  readonly accuracy: number;
  /** Mean cross-entropy in nats, of the scores in the units that training gives them; absent for a program that is not trained. */
  readonly loss: number | undefined;
}

/** What 1 is in the logits of `softmaxGradient`. */
const LOGIT = 64;

/**
 * Answers the first samples of a data set and compares.
 * @param limit how many; all of them unless given
 * @throws GlassboxError `COMPUTE_DATA_EMPTY`, `COMPUTE_INPUT_MISMATCH`, or what decoding the weights throws.
 */
export function evaluate(program: Program, weights: Uint8Array, data: TestData, limit = data.count): Evaluation {
  const samples = Math.min(limit, data.count);
  ensureInput(samples > 0, "COMPUTE_DATA_EMPTY", "there are no samples to measure with");
  const answer = createInference(program, weights);
  const unit = scoreUnit(program);
  let correct = 0;
  let loss = 0;
  for (let i = 0; i < samples; i++) {
    const label = data.labels[i] as number;
    const said = answer(data.samples.subarray(i * data.sampleBytes, (i + 1) * data.sampleBytes));
    if (said.answer === label) correct++;
    if (unit !== undefined) loss += crossEntropy(said.scores, label, unit);
  }
  return { samples, correct, accuracy: correct / samples, loss: unit === undefined ? undefined : loss / samples };
}

/** What 1 is in the scores of the inference: the step rounds the same sums to logits. */
function scoreUnit(program: Program): number | undefined {
  const gradient = program.operations.find(({ name }) => name === "softmaxGradient");
  if (gradient === undefined) return undefined;
  let unit = LOGIT;
  let at = gradient.operands[0];
  for (;;) {
    const rounding = program.operations.find(({ output }) => output === at);
    if (rounding?.name !== "requantise") return unit;
    unit *= 2 ** rounding.shift / rounding.multiplier;
    at = rounding.operands[0];
  }
}

function crossEntropy(scores: Int32Array, label: number, unit: number): number {
  const greatest = scores.reduce((most, score) => Math.max(most, score));
  const total = scores.reduce((sum, score) => sum + Math.exp((score - greatest) / unit), 0);
  return Math.log(total) - ((scores[label] ?? -Infinity) - greatest) / unit;
}
