// Trains a network for digits in floats with TensorFlow.js on one thread, without any commitment:
//   node train.mjs <mlp | cnn> <wasm | cpu> <steps> <repeats>
// mlp is 784-128-10 in batches of 128, cnn has 5x5x8 and 5x5x16 kernels, each with pooling, in batches of 64. Prints the median of the samples per
// second. The wasm backend, which has SIMD, cannot train the cnn: it lacks the gradient of convolutions.
import { createRequire } from "node:module";
import { dirname } from "node:path";

import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

const RATE = 0.1;
const CLASSES = 10;
const [model, backend, ...loads] = process.argv.slice(2);
const [steps, repeats] = loads.map(Number);

// The library logs to standard output, which is for the result.
console.log = (...values) => console.error(...values);

const require = createRequire(import.meta.url);
setThreadsCount(1);
setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
await tf.setBackend(backend);
await tf.ready();

const weights = (shape, deviation) => tf.variable(tf.randomNormal(shape, 0, deviation));

function perceptron() {
  const hidden = { weights: weights([784, 128], 0.05), bias: tf.variable(tf.zeros([128])) };
  const output = { weights: weights([128, CLASSES], 0.1), bias: tf.variable(tf.zeros([CLASSES])) };
  return {
    batch: 128,
    variables: [hidden.weights, hidden.bias, output.weights, output.bias],
    logits(images) {
      const activations = tf.relu(tf.add(tf.matMul(images, hidden.weights), hidden.bias));
      return tf.add(tf.matMul(activations, output.weights), output.bias);
    },
  };
}

function convolutions() {
  const first = weights([5, 5, 1, 8], 0.28);
  const second = weights([5, 5, 8, 16], 0.1);
  const output = weights([256, CLASSES], 0.06);
  const layer = (images, kernels) => tf.maxPool(tf.relu(tf.conv2d(images, kernels, 1, "valid")), 2, 2, "valid");
  return {
    batch: 64,
    variables: [first, second, output],
    logits(images) {
      const features = layer(layer(tf.reshape(images, [-1, 28, 28, 1]), first), second);
      return tf.matMul(tf.reshape(features, [-1, 256]), output);
    },
  };
}

const { batch, variables, logits } = model === "cnn" ? convolutions() : perceptron();
const images = tf.randomUniform([batch, 784]);
const classes = Array.from({ length: batch }, (_, i) => i % CLASSES);
const labels = tf.cast(tf.oneHot(tf.tensor1d(classes, "int32"), CLASSES), "float32");

function loss() {
  const values = logits(images);
  const logProbabilities = tf.sub(values, tf.logSumExp(values, 1, true));
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
  await variables[0].data();
  speeds.push((steps * batch * 1_000) / (performance.now() - started));
}
process.stdout.write(`${speeds.sort((a, b) => a - b)[Math.floor(repeats / 2)]}\n`);
