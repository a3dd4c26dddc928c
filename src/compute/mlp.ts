import type { Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { allocationSection } from "./allocation-section.ts";
import { EXP_TABLE_BOUNDS, EXP_TABLE_LENGTH, expTableFile } from "./exp-table.ts";
import { joinSections, SectionBuilder, type TensorHandle, type TensorSpec } from "./program-builder.ts";
import type { Program } from "./program.ts";
import { MAX_SAMPLES } from "./randomness.ts";
import { validateProgram } from "./validate.ts";

/** One layer of a multi-layer perceptron: products with i16 weights, then a rounding shift. */
export interface MlpLayer {
  /** Weights saturate at plus and minus this. */
  readonly clamp: number;
  /** Starting weights: sat(rshr(multiplier * noise, 11)). */
  readonly initMultiplier: number;
  /** Shift of the sums: to activations of 0..127, or to logits in units of 1/64. */
  readonly shift: number;
  /** Shift of the gradient on its way to the layer below; the first layer has none. */
  readonly gradientShift: number;
  /** Shift of the summed gradient before it is taken from the weights: the learning rate. */
  readonly updateShift: number;
}

/** How a network is trained. */
export interface MlpOptions {
  readonly parts: number;
  readonly batch: number;
  readonly stepsPerPart: number;
  readonly layers: readonly MlpLayer[];
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

const INIT_SHIFT = 11;
/** Value of column 0 of every input, which makes its weights the bias. */
const BIAS = 255;
const ACTIVATION = [0, 127] as const;
const GRADIENT = [-(2 ** 14), 2 ** 14] as const;
const I16 = [-(2 ** 15), 2 ** 15 - 1] as const;
const AVERAGE_SHIFT = 16;

/** The program of a perceptron of these sizes: trained by gradient descent in rounds, with inference and allocation. */
export function mlp(sizes: readonly number[], options: MlpOptions): Program {
  ensureInput(
    sizes.length >= 2 && options.layers.length === sizes.length - 1,
    "COMPUTE_MLP_INVALID",
    `${sizes.length} sizes take ${sizes.length - 1} layers, got ${options.layers.length}`,
  );
  const sections = [initSection(sizes, options), stepSection(sizes, options), inferSection(sizes, options)];
  if (options.parts > 1) sections.push(averageSection(sizes, options));
  const program = joinSections(options, [...sections, allocationSection()]);
  validateProgram(program);
  return program;
}

/** Weights of layer `slot`: one row per output. */
function weightsSpec(sizes: readonly number[], options: MlpOptions, slot: number): TensorSpec {
  const clamp = options.layers[slot]?.clamp ?? 0;
  return { type: "i16", rows: sizes[slot + 1] ?? 0, columns: sizes[slot] ?? 0, bounds: [-clamp, clamp] };
}

function initSection(sizes: readonly number[], options: MlpOptions): SectionBuilder {
  const section = new SectionBuilder("init");
  options.layers.forEach((layer, slot) => {
    section.operation(
      "init",
      [],
      { ...weightsSpec(sizes, options, slot), output: slot },
      { shift: INIT_SHIFT, multiplier: layer.initMultiplier, arguments: [slot, 0] },
    );
  });
  return section;
}

/** Layer by layer to the sums of the last one; `activations[l]` is what layer l reads. */
function forward(
  section: SectionBuilder,
  input: TensorHandle,
  weights: readonly TensorHandle[],
  options: MlpOptions,
): { activations: TensorHandle[]; sums: TensorHandle } {
  const { rows, columns } = input.entry;
  const biased = section.operation("setColumn", [input], { type: "u8", rows, columns }, { arguments: [0, BIAS] });
  const activations = [biased];
  let sums = biased;
  weights.forEach((tensor, slot) => {
    const below = activations[slot] as TensorHandle;
    sums = section.matmul(below, tensor);
    if (slot + 1 === weights.length) return;
    activations.push(section.requantise(sums, "u8", ACTIVATION, { shift: options.layers[slot]?.shift ?? 0 }));
  });
  return { activations, sums };
}

function readWeights(section: SectionBuilder, sizes: readonly number[], options: MlpOptions): TensorHandle[] {
  return options.layers.map((_, slot) =>
    section.tensor({ ...weightsSpec(sizes, options, slot), role: "weights", index: slot }),
  );
}

function stepSection(sizes: readonly number[], options: MlpOptions): SectionBuilder {
  const section = new SectionBuilder("step");
  const { batch, layers } = options;
  const columns = sizes[0] ?? 0;
  const dataset = { type: "u8", rows: MAX_SAMPLES, rowExtent: "samples" } as const;
  const samples = section.tensor({ ...dataset, role: "samples", columns });
  const labels = section.tensor({ ...dataset, role: "labels", columns: 1 });
  const table = section.tensor(
    { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH, bounds: EXP_TABLE_BOUNDS },
    expTableFile(),
  );
  const weights = readWeights(section, sizes, options);
  const x = section.operation("gather", [samples], { type: "u8", rows: batch, columns });
  const y = section.operation("gather", [labels], { type: "u8", rows: batch, columns: 1 });
  const { activations, sums } = forward(section, x, weights, options);
  const logits = section.requantise(sums, "i16", I16, { shift: layers.at(-1)?.shift ?? 0 });
  const { rows, columns: classes } = logits.entry;
  let gradient = section.operation("softmaxGradient", [logits, y, table], {
    type: "i16",
    rows,
    columns: classes,
    bounds: GRADIENT,
  });
  for (let slot = weights.length - 1; slot >= 0; slot--) {
    const layer = layers[slot] as MlpLayer;
    const tensor = weights[slot] as TensorHandle;
    const below = activations[slot] as TensorHandle;
    const change = section.matmul(section.transpose(gradient), section.transpose(below));
    if (slot > 0) gradient = gradientBelow(section, gradient, tensor, below, layer.gradientShift);
    section.operation(
      "update",
      [tensor, change],
      { ...weightsSpec(sizes, options, slot), output: slot },
      { shift: layer.updateShift },
    );
  }
  return section;
}

function gradientBelow(
  section: SectionBuilder,
  gradient: TensorHandle,
  weights: TensorHandle,
  activation: TensorHandle,
  shift: number,
): TensorHandle {
  const sums = section.matmul(gradient, section.transpose(weights));
  const scaled = section.requantise(sums, "i16", I16, { shift });
  const { rows, columns } = scaled.entry;
  return section.operation("gate", [scaled, activation], { type: "i16", rows, columns, bounds: I16 });
}

/** sat(rshr(sum of the parts * round(2^16 / parts), 16)); more than three parts are added in a chain. */
function averageSection(sizes: readonly number[], options: MlpOptions): SectionBuilder {
  const section = new SectionBuilder("average");
  options.layers.forEach((layer, slot) => {
    const spec = weightsSpec(sizes, options, slot);
    const parts = Array.from({ length: options.parts }, (_, part) =>
      section.tensor({ ...spec, role: "partWeights", index: 256 * part + slot }),
    );
    let total = parts[0] as TensorHandle;
    for (let next = 1; next < parts.length;) {
      const terms = [total, ...parts.slice(next, next + 2)];
      next += terms.length - 1;
      const reach = layer.clamp * next;
      total = section.operation("add", terms, { ...spec, type: "i32", bounds: [-reach, reach] });
    }
    const multiplier = Math.round(2 ** AVERAGE_SHIFT / options.parts);
    const bounds = [-layer.clamp, layer.clamp] as const;
    section.requantise(total, "i16", bounds, { shift: AVERAGE_SHIFT, multiplier }, slot);
  });
  return section;
}

function inferSection(sizes: readonly number[], options: MlpOptions): SectionBuilder {
  const section = new SectionBuilder("infer");
  const query = section.tensor({ role: "query", type: "u8", rows: 1, columns: sizes[0] ?? 0 });
  const weights = readWeights(section, sizes, options);
  const { sums } = forward(section, query, weights, options);
  const classes = sums.entry.columns;
  section.operation("argmax", [sums], { type: "i32", rows: 1, columns: 1, bounds: [0, classes - 1], output: 0 });
  return section;
}
