import type { Hex } from "../../core/bytes.ts";
import { ensureInput } from "../../core/errors.ts";
import {
  gated,
  inferSection,
  lossGradient,
  networkProgram,
  rectified,
  stepInputs,
  update,
  weightsSpecs,
  type Layer,
  type LayerShape,
  type StepInputs,
} from "./network-sections.ts";
import type { SectionBuilder, TensorHandle } from "../program-builder.ts";
import type { Program } from "../program.ts";

/** How a network is trained. */
export interface MlpOptions {
  readonly parts: number;
  readonly batch: number;
  readonly stepsPerPart: number;
  readonly layers: readonly Layer[];
}

/** Everything a training job needs besides data. */
export interface MlpTraining extends MlpOptions {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly seed: Hex;
}

/** The network of the inference circuit, and settings chosen on a validation split of MNIST's training set. */
export const DEFAULT_TRAINING: MlpTraining = {
  sizes: [784, 32, 10],
  parts: 3,
  batch: 64,
  stepsPerPart: 64,
  rounds: 32,
  seed: "0x476c617373626f782c2074686520666972737420736565642e00000000000000",
  layers: [
    { clamp: 10_741, initMultiplier: 5_732, shift: 17, gradientShift: 0, updateShift: 16 },
    { clamp: 13_107, initMultiplier: 28_378, shift: 11, gradientShift: 13, updateShift: 12 },
  ],
};

/** Value of column 0 of every input, which makes its weights the bias. */
const BIAS = 255;

/** The program of a perceptron of these sizes: trained by gradient descent in rounds, with inference and allocation. */
export function mlp(sizes: readonly number[], options: MlpOptions): Program {
  const { layers, batch } = options;
  const [inputs = 0, ...outputs] = sizes;
  ensureInput(
    sizes.length >= 2 && layers.length === sizes.length - 1,
    "COMPUTE_MLP_INVALID",
    `${sizes.length} sizes take ${sizes.length - 1} layers, got ${layers.length}`,
  );
  const shapes = layers.map((layer, slot) => ({ layer, outputs: outputs[slot] ?? 0, inputs: sizes[slot] ?? 0 }));
  const weights = weightsSpecs(shapes);
  const step = stepInputs(batch, inputs, weights);
  train(step, shapes);
  const infer = inferSection(inputs, weights, (section, query, read) => forward(section, query, read, shapes).sums);
  return networkProgram(options, shapes, step.section, infer);
}

/** Layer by layer to the sums of the last one; `activations[l]` is what layer l reads. */
function forward(
  section: SectionBuilder,
  input: TensorHandle,
  weights: readonly TensorHandle[],
  shapes: readonly LayerShape[],
): { activations: TensorHandle[]; sums: TensorHandle } {
  const { rows, columns } = input.entry;
  const biased = section.operation("setColumn", [input], { type: "u8", rows, columns }, { arguments: [0, BIAS] });
  const activations = [biased];
  let sums = biased;
  shapes.forEach(({ layer }, slot) => {
    sums = section.matmul(activations[slot] as TensorHandle, weights[slot] as TensorHandle);
    if (slot + 1 < shapes.length) activations.push(rectified(section, sums, layer));
  });
  return { activations, sums };
}

/** Forward, and back with an update of each layer; gradients pass through the weights from before it. */
function train(step: StepInputs, shapes: readonly LayerShape[]): void {
  const { section, weights } = step;
  const { activations, sums } = forward(section, step.samples, weights, shapes);
  let gradient = lossGradient(step, sums, (shapes.at(-1) as LayerShape).layer);
  for (let slot = shapes.length - 1; slot >= 0; slot--) {
    const shape = shapes[slot] as LayerShape;
    const tensor = weights[slot] as TensorHandle;
    const below = activations[slot] as TensorHandle;
    const change = section.matmul(section.transpose(gradient), section.transpose(below));
    if (slot > 0) {
      const sumsBelow = section.matmul(gradient, section.transpose(tensor));
      gradient = gated(section, sumsBelow, below, shape.layer.gradientShift);
    }
    update(section, tensor, change, shape.layer.updateShift);
  }
}
