import { ensureInput } from "../../core/errors.ts";
import { rectified, type Layer, type LayerShape } from "./network-sections.ts";
import type { SectionBuilder, TensorHandle } from "../program-builder.ts";
import { windowCounts, windowsArguments, type Windows } from "../windows.ts";

/** A convolution of square kernels with stride 1 and without padding, a rectifier, and pooling by the greatest of each window. */
export interface ConvolutionLayer extends Layer {
  /** Side of the kernels. */
  readonly kernel: number;
  readonly filters: number;
  /** Side of the pooled windows; they tile the images that the convolution gives. */
  readonly pool: number;
  /** Gradients above the sums saturate at plus and minus this. */
  readonly gradientClamp: number;
  /** Shift of each chunk of the summed gradient; `updateShift` follows. */
  readonly chunkShift: number;
  /** Shift of the weights that the gradient passes on its way to the layer below, and their bound; the first layer has none. */
  readonly passing?: { readonly shift: number; readonly clamp: number };
}

/** A convolution on images of a size. */
export interface Convolution {
  readonly layer: ConvolutionLayer;
  readonly shape: LayerShape;
  /** Kernels on the images below. */
  readonly windows: Windows;
  /** Pooled windows on the images that the kernels give. */
  readonly pools: Windows;
  /** Side of the pooled images. */
  readonly side: number;
}

/** What a convolution reads and writes in a step. */
export interface ConvolutionTrail {
  /** The images below, a row for each place of a kernel. */
  readonly patches: TensorHandle;
  /** The rectified sums, a row for each pooled window. */
  readonly pools: TensorHandle;
  /** Pooled images: what the layer above reads. */
  readonly images: TensorHandle;
}

/** Greatest activation: twice that of a perceptron, for gradients here have tighter bounds anyway. */
const ACTIVATION = 255;

/** A layer on square images with so many channels. */
export function convolutionOn(layer: ConvolutionLayer, side: number, channels: number): Convolution {
  const windows = { height: side, width: side, kernel: layer.kernel, stride: 1, padding: 0 };
  const [given] = windowCounts(windows);
  ensureInput(
    given >= 1 && given % layer.pool === 0,
    "COMPUTE_CNN_INVALID",
    `windows of ${layer.pool} do not tile the ${given} x ${given} places of a kernel of ${layer.kernel} on ${side} x ${side}`,
  );
  const pools = { height: given, width: given, kernel: layer.pool, stride: layer.pool, padding: 0 };
  const shape = { layer, outputs: layer.filters, inputs: layer.kernel ** 2 * channels };
  return { layer, shape, windows, pools, side: given / layer.pool };
}

/** Images one layer up: products of all windows with the kernels, rectified and pooled. */
export function convolve(
  section: SectionBuilder,
  images: TensorHandle,
  weights: TensorHandle,
  { layer, windows, pools: tiles }: Convolution,
): ConvolutionTrail {
  const patches = unfolded(section, images, windows);
  const pools = unfolded(section, rectified(section, section.matmul(patches, weights), layer, ACTIVATION), tiles);
  const { rows, columns } = pools.entry;
  const area = layer.pool ** 2;
  return { patches, pools, images: section.moved("maxPool", [pools], rows, columns / area, [area, 0]) };
}

/** The gradient above a convolution's sums from the one above its pooled images. */
export function gradientAboveSums(
  section: SectionBuilder,
  gradient: TensorHandle,
  { pools, images }: ConvolutionTrail,
  { layer, pools: tiles }: Convolution,
): TensorHandle {
  const { rows, columns } = images.entry;
  const pooled = section.moved("reshape", [gradient], rows, columns);
  const area = layer.pool ** 2;
  const spread = section.moved("poolGradient", [pooled, pools], rows, area * columns, [area, 0]);
  return section.moved("fold", [spread], area * rows, columns, windowsArguments(tiles));
}

/** How the summed gradient changes the kernels. */
export function kernelChange(
  section: SectionBuilder,
  gradient: TensorHandle,
  { patches }: ConvolutionTrail,
  { layer }: Convolution,
): TensorHandle {
  return section.accumulate(section.transpose(gradient), section.transpose(patches), layer.chunkShift);
}

/** Sums of the gradient below a convolution: one of the gradient above with kernels that are turned, padded to the images' size. */
export function sumsBelow(
  section: SectionBuilder,
  gradient: TensorHandle,
  weights: TensorHandle,
  { layer, shape, pools, windows }: Convolution,
): TensorHandle {
  const { kernel, filters, passing = { shift: 1, clamp: layer.clamp } } = layer;
  const around = { ...windows, height: pools.height, width: pools.width, padding: kernel - 1 };
  const { shift, clamp } = passing;
  const passed = section.requantise(weights, "i16", [-clamp, clamp], { shift });
  const area = kernel ** 2;
  const turned = section.moved("rotate", [passed], shape.inputs / area, area * filters, [area, 0]);
  return section.matmul(unfolded(section, gradient, around), turned);
}

function unfolded(section: SectionBuilder, images: TensorHandle, windows: Windows): TensorHandle {
  const { rows, columns } = images.entry;
  const [down, across] = windowCounts(windows);
  const count = rows / (windows.height * windows.width);
  const parameters = windowsArguments(windows);
  return section.moved("unfold", [images], count * down * across, windows.kernel ** 2 * columns, parameters);
}
