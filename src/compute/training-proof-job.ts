import { decodeTensor } from "../core/tensor.ts";
import { poseidonTwin } from "../proofs/poseidon-twin.ts";
import { trainingDataHash, type TrainingWitness } from "../proofs/training-proof.ts";
import { sampleAt } from "./randomness.ts";
import { initialWeights, type TrainingJob } from "./training.ts";
import { decodeWeights } from "./weights.ts";

/**
 * What the circuit takes to repeat the first round of a job of `provableRegression`: the samples in the order in which the seed
 * takes them, without the place of the bias, and the weights that the seed starts from.
 */
export function trainingWitness({ program, seed, data }: TrainingJob): TrainingWitness {
  const { batch, stepsPerPart } = program;
  const columns = program.tensors.find(({ role }) => role === "samples")?.columns ?? 0;
  const rows = decodeTensor({ type: "u8", rows: data.count, columns }, data.samples);
  const classes = decodeTensor({ type: "u8", rows: data.count, columns: 1 }, data.labels);
  const count = batch * stepsPerPart;
  const samples = new Uint8Array(count * (columns - 1));
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const row = sampleAt(seed, i, data.count);
    samples.set(rows.subarray(row * columns + 1, (row + 1) * columns), i * (columns - 1));
    labels[i] = classes[row] as number;
  }
  const [initial] = decodeWeights(program, initialWeights(program, seed));
  return { samples, labels, initial: initial as Int8Array };
}

/** What a proof that the job's first round ends with these weights must say: [initialRoot, dataHash, finalRoot]. */
export function trainingStatement(job: TrainingJob, weights: Uint8Array): [bigint, bigint, bigint] {
  const start = initialWeights(job.program, job.seed);
  return [poseidonTwin(start), trainingDataHash(trainingWitness(job)), poseidonTwin(weights)];
}
