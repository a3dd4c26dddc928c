import {
  convolutionOn,
  convolve,
  gradientAboveSums,
  kernelChange,
  sumsBelow,
  type Convolution,
  type ConvolutionLayer,
  type ConvolutionTrail,
} from "./convolution.ts";
import {
  gated,
  inferSection,
  lossGradient,
  networkProgram,
  stepInputs,
  update,
  weightsSpecs,
  type Layer,
  type LayerShape,
  type StepInputs,
} from "./network-sections.ts";
import type { SectionBuilder, TensorHandle } from "../program-builder.ts";
import type { Program } from "../program.ts";

/** Convolutions with one dense layer above them, and how they are trained. */
export interface CnnOptions {
  readonly parts: number;
  readonly batch: number;
  readonly stepsPerPart: number;
  /** Side of the images, which have one channel. */
  readonly side: number;
  readonly classes: number;
  readonly convolutions: readonly ConvolutionLayer[];
  readonly dense: Layer;
}

/** A convolutional network in its parts: the weights of the dense layer are in the slot after the convolutions'. */
interface Network {
  readonly convolutions: readonly Convolution[];
  readonly dense: LayerShape;
}

/** The program of a convolutional network: trained by gradient descent in rounds, with inference and allocation. */
export function cnn(options: CnnOptions): Program {
  const { batch, side } = options;
  const network = networkOf(options);
  const shapes = [...network.convolutions.map(({ shape }) => shape), network.dense];
  const weights = weightsSpecs(shapes);
  const step = stepInputs(batch, side ** 2, weights);
  train(step, network);
  const infer = inferSection(side ** 2, weights, (section, query, read) => forward(section, query, read, network).sums);
  return networkProgram(options, shapes, step.section, infer);
}

function networkOf({ side, classes, convolutions: layers, dense }: CnnOptions): Network {
  const convolutions: Convolution[] = [];
  let below = { side, channels: 1 };
  for (const layer of layers) {
    const convolution = convolutionOn(layer, below.side, below.channels);
    convolutions.push(convolution);
    below = { side: convolution.side, channels: layer.filters };
  }
  return { convolutions, dense: { layer: dense, outputs: classes, inputs: below.side ** 2 * below.channels } };
}

/** Layer by layer to the sums of the last one. */
function forward(
  section: SectionBuilder,
  input: TensorHandle,
  weights: readonly TensorHandle[],
  { convolutions, dense }: Network,
): { trails: ConvolutionTrail[]; features: TensorHandle; sums: TensorHandle } {
  const { rows: batch, columns: pixels } = input.entry;
  let images = section.moved("reshape", [input], batch * pixels, 1);
  const trails: ConvolutionTrail[] = [];
  convolutions.forEach((convolution, slot) => {
    const trail = convolve(section, images, weights[slot] as TensorHandle, convolution);
    trails.push(trail);
    images = trail.images;
  });
  const features = section.moved("reshape", [images], batch, dense.inputs);
  return { trails, features, sums: section.matmul(features, weights[convolutions.length] as TensorHandle) };
}

/** Forward, and back with an update of each layer; gradients pass through the weights from before it. */
function train(step: StepInputs, network: Network): void {
  const { section, weights } = step;
  const { convolutions, dense } = network;
  const { trails, features, sums } = forward(section, step.samples, weights, network);
  const top = weights[convolutions.length] as TensorHandle;
  const loss = lossGradient(step, sums, dense.layer);
  const change = section.matmul(section.transpose(loss), section.transpose(features));
  let below = section.matmul(loss, section.transpose(top));
  update(section, top, change, dense.layer.updateShift);
  let { gradientShift } = dense.layer;
  let activation = features;
  for (let slot = convolutions.length - 1; slot >= 0; slot--) {
    const convolution = convolutions[slot] as Convolution;
    const trail = trails[slot] as ConvolutionTrail;
    const { gradientClamp } = convolution.layer;
    const gradient = gated(section, below, activation, gradientShift, [-gradientClamp, gradientClamp]);
    const above = gradientAboveSums(section, gradient, trail, convolution);
    const kernels = weights[slot] as TensorHandle;
    const summed = kernelChange(section, above, trail, convolution);
    if (slot > 0) {
      below = sumsBelow(section, above, kernels, convolution);
      ({ gradientShift } = convolution.layer);
      activation = (trails[slot - 1] as ConvolutionTrail).images;
    }
    update(section, kernels, summed, convolution.layer.updateShift);
  }
}
