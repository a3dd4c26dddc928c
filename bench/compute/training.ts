import { cnn } from "../../src/compute/networks/cnn.ts";
import { DIGITS_CNN, DIGITS_MLP } from "../../src/compute/networks/digits.ts";
import { evaluate } from "../../src/compute/evaluate.ts";
import { mlp } from "../../src/compute/networks/mlp.ts";
import type { Program } from "../../src/compute/program.ts";
import { initialWeights, runPart, type TrainingJob } from "../../src/compute/training.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import { tensorFiles } from "../../src/models/labelled-samples.ts";
import { readMnist } from "../../src/models/mnist.ts";
import type { Figure } from "../figure.ts";
import { median } from "../median.ts";
import { runPeer } from "../peer.ts";

const EPOCHS = 10;
const SEED = new Uint8Array(32).fill(1);
/** Steps of each of the peer's repeats, and repeats: a step takes it milliseconds to seconds. */
const PEER_LOADS = { "mlp wasm": [40, 7], "mlp cpu": [10, 3], "cnn cpu": [1, 3] } as const;

/** A training run of `EPOCHS` epochs at most. */
interface TrainingRun {
  readonly accuracy: number;
  readonly samplesPerSecond: number;
  /** The part of the time that roots take. */
  readonly hashing: number;
}

/** Trains 784-128-10 on MNIST's training set, with the root of the weights after every round of 64 steps; and with TensorFlow.js. */
export async function measureTraining(): Promise<Figure[]> {
  const run = await train(await digitsJob());
  const peers = [await peer("mlp wasm"), await peer("mlp cpu")].sort((a, b) => b.value - a.value);
  return [
    { name: "accuracy.mlp", value: run.accuracy, unit: "fraction", peer: null },
    { name: "train.samplesPerSecond", value: run.samplesPerSecond, unit: "samples/s", peer: peers[0] ?? null },
    { name: "commit.overhead", value: run.hashing, unit: "fraction", peer: null },
  ];
}

/** As {@link measureTraining}, of the convolutional network, which TensorFlow.js trains on its CPU backend only. */
export async function measureConvolutions(): Promise<Figure[]> {
  const run = await train(await jobOf(cnn(DIGITS_CNN)));
  const value = run.samplesPerSecond;
  return [
    { name: "accuracy.cnn", value: run.accuracy, unit: "fraction", peer: null },
    { name: "train.cnn.samplesPerSecond", value, unit: "samples/s", peer: await peer("cnn cpu") },
  ];
}

/** The training of 784-128-10 on MNIST's training set, in rounds of so many parts of 64 steps. */
export async function digitsJob(parts = 1): Promise<TrainingJob> {
  return jobOf(mlp(DIGITS_MLP.sizes, { ...DIGITS_MLP, parts }));
}

async function jobOf(program: Program): Promise<TrainingJob> {
  return { program, seed: SEED, data: tensorFiles(await readMnist("train")) };
}

async function train(job: TrainingJob): Promise<TrainingRun> {
  const { program, data } = job;
  const roundSamples = program.batch * program.stepsPerPart;
  const rounds = Math.floor((EPOCHS * data.count) / roundSamples);
  let weights = initialWeights(program, job.seed);
  const times: number[] = [];
  const hashTimes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    weights = runPart(job, weights, round, 0);
    const computed = performance.now();
    fileRoot(weights);
    const ended = performance.now();
    times.push(ended - started);
    hashTimes.push(ended - computed);
  }
  return {
    accuracy: evaluate(program, weights, await readMnist("test")).accuracy,
    samplesPerSecond: Math.round((roundSamples * 1_000) / median(times)),
    hashing: Math.round((1_000 * median(hashTimes)) / median(times)) / 1_000,
  };
}

async function peer(load: keyof typeof PEER_LOADS): Promise<{ name: string; value: number }> {
  const [model = "", backend = ""] = load.split(" ");
  const value = Number(await runPeer("tensorflow", "train.mjs", [model, backend, ...PEER_LOADS[load]]));
  return { name: `TensorFlow.js 4.22.0, ${backend}, one thread, no commitments`, value: Math.round(value * 10) / 10 };
}
