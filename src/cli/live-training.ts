import { evaluate, type Evaluation, type TestData } from "../compute/evaluate.ts";
import { rowStrideBytes } from "../core/tensor.ts";
import { GlassboxError } from "../core/errors.ts";
import type { DoneRound } from "../worker/round-runner.ts";
import type { LoadedJob } from "../worker/training-job.ts";

/** Samples that a model is measured with, and how often: a small part of the time that a round takes. */
const SAMPLES = 128;
const MEASURE_MS = 5_000;
/** Rounds over which the speed is taken. */
const WINDOW = 8;

/** Tells how a training goes, in one line. */
export class LiveTraining {
  readonly #clock: () => number;
  #ends: number[] = [];
  #samples: TestData | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #evaluation: Evaluation | undefined;

  /** @param clock milliseconds that only grow */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** The line after a round. */
  line(job: LoadedJob, { round, workers, weights }: DoneRound): string {
    const now = this.#clock();
    this.#ends = [...this.#ends, now].slice(-WINDOW - 1);
    if (now - this.#measuredAt >= MEASURE_MS || round === job.rounds) {
      this.#measuredAt = now;
      this.#evaluation = this.#measure(job, weights);
    }
    const parts = [`round ${round} of ${job.rounds}`, `${workers} ${workers === 1 ? "worker" : "workers"}`];
    const speed = this.#stepsPerSecond(job);
    if (speed !== undefined) parts.push(`${speed} steps/s`);
    if (this.#evaluation?.loss !== undefined) parts.push(`loss ${this.#evaluation.loss.toFixed(3)}`);
    if (this.#evaluation) parts.push(`accuracy ${this.#evaluation.accuracy.toFixed(3)} in training`);
    return parts.join(", ");
  }

  #stepsPerSecond({ program }: LoadedJob): string | undefined {
    const [first] = this.#ends;
    const last = this.#ends.at(-1);
    if (first === undefined || last === undefined || last === first) return undefined;
    const steps = (this.#ends.length - 1) * program.parts * program.stepsPerPart;
    return Math.round((steps * 1_000) / (last - first)).toLocaleString("en");
  }

  /** A program that does not answer single questions can't be measured. */
  #measure(job: LoadedJob, weights: Uint8Array): Evaluation | undefined {
    try {
      this.#samples ??= firstSamples(job);
      return evaluate(job.program, weights, this.#samples);
    } catch (error) {
      if (error instanceof GlassboxError && error.kind === "usage") return undefined;
      throw error;
    }
  }
}

/** The first samples of the job's dataset, without padding. */
function firstSamples({ program, data }: LoadedJob): TestData {
  const columns = program.tensors.find(({ role }) => role === "samples")?.columns ?? 0;
  const count = Math.min(SAMPLES, data.count);
  const stride = rowStrideBytes({ type: "u8", rows: data.count, columns });
  const samples = new Uint8Array(count * columns);
  for (let i = 0; i < count; i++) samples.set(data.samples.subarray(i * stride, i * stride + columns), i * columns);
  return { count, sampleBytes: columns, samples, labels: data.labels.slice(0, count) };
}
