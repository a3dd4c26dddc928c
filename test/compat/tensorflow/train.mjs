// Trains a 784-128-10 perceptron in floats on TensorFlow.js' WASM backend with SIMD, one thread, batch 128, without any commitment:
//   node train.mjs <steps> <repeats>
// Prints the median of the samples per second.
import { createRequire } from "node:module";
import { dirname } from "node:path";

import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

const BATCH = 128;
const RATE = 0.1;
const [steps, repeats] = process.argv.slice(2).map(Number);

// The library logs to standard output, which is for the result.
console.log = (...values) => console.error(...values);

const require = createRequire(import.meta.url);
setThreadsCount(1);
setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
await tf.setBackend("wasm");
await tf.ready();

const images = tf.randomUniform([BATCH, 784]);
const labels = tf.cast(tf.oneHot(tf.tensor1d(Array.from({ length: BATCH }, (_, i) => i % 10), "int32"), 10), "float32");
const hidden = { weights: tf.variable(tf.randomNormal([784, 128], 0, 0.05)), bias: tf.variable(tf.zeros([128])) };
const output = { weights: tf.variable(tf.randomNormal([128, 10], 0, 0.1)), bias: tf.variable(tf.zeros([10])) };
const variables = [hidden.weights, hidden.bias, output.weights, output.bias];

function loss() {
  const activations = tf.relu(tf.add(tf.matMul(images, hidden.weights), hidden.bias));
  const logits = tf.add(tf.matMul(activations, output.weights), output.bias);
  const logProbabilities = tf.sub(logits, tf.logSumExp(logits, 1, true));
  return tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, labels), 1)));
}

function step() {
  tf.tidy(() => {
    const { grads } = tf.variableGrads(loss, variables);
    for (const variable of variables) variable.assign(tf.sub(variable, tf.mul(grads[variable.name], RATE)));
  });
}

for (let i = 0; i < steps; i++) step();
const speeds = [];
for (let repeat = 0; repeat < repeats; repeat++) {
  const started = performance.now();
  for (let i = 0; i < steps; i++) step();
  await hidden.weights.data();
  speeds.push((steps * BATCH * 1_000) / (performance.now() - started));
}
process.stdout.write(`${speeds.sort((a, b) => a - b)[Math.floor(repeats / 2)]}\n`);
