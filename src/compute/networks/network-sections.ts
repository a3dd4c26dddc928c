import { allocationSection } from "../allocation-section.ts";
import { EXP_TABLE_BOUNDS, EXP_TABLE_LENGTH, expTableFile } from "../exp-table.ts";
import { joinSections, SectionBuilder, type TensorHandle, type TensorSpec } from "../program-builder.ts";
import type { Program } from "../program.ts";
import { MAX_SAMPLES } from "../randomness.ts";
import { validateProgram } from "../validate.ts";

/** How a layer of a network is computed and trained: products with i16 weights, then a rounding shift. */
export interface Layer {
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

/** The weights of a layer: one row per output. */
export interface LayerShape {
  readonly layer: Layer;
  readonly outputs: number;
  readonly inputs: number;
}

const INIT_SHIFT = 11;
const AVERAGE_SHIFT = 16;
const ACTIVATION = 127;
const LOSS_GRADIENT = [-(2 ** 14), 2 ** 14] as const;
const I16 = [-(2 ** 15), 2 ** 15 - 1] as const;

/** The tensors of all layers' weights, in slot order. */
export function weightsSpecs(shapes: readonly LayerShape[]): TensorSpec[] {
  return shapes.map(({ layer: { clamp }, outputs, inputs }) => ({
    type: "i16",
    rows: outputs,
    columns: inputs,
    bounds: [-clamp, clamp],
  }));
}

/** A model's weights as a section reads them. */
function readWeights(section: SectionBuilder, weights: readonly TensorSpec[]): TensorHandle[] {
  return weights.map((spec, slot) => section.tensor({ ...spec, role: "weights", index: slot }));
}

/** Starting weights, each slot from a stream of its own: sat(rshr(multiplier * noise, shift)). */
export function initSection(
  weights: readonly TensorSpec[],
  noise: (slot: number) => { readonly shift: number; readonly multiplier: number },
): SectionBuilder {
  const section = new SectionBuilder("init");
  weights.forEach((spec, slot) => {
    section.operation("init", [], { ...spec, output: slot }, { ...noise(slot), arguments: [slot, 0] });
  });
  return section;
}

/** A step under construction: this step's samples and labels, and what reads them. */
export interface StepInputs {
  readonly section: SectionBuilder;
  readonly weights: readonly TensorHandle[];
  readonly samples: TensorHandle;
  readonly labels: TensorHandle;
  /** The exponential's table. */
  readonly table: TensorHandle;
}

/** Starts the section of a step of `batch` samples with `columns` bytes each, which trains these weights. */
export function stepInputs(batch: number, columns: number, trained: readonly TensorSpec[]): StepInputs {
  const section = new SectionBuilder("step");
  const dataset = { type: "u8", rows: MAX_SAMPLES, rowExtent: "samples" } as const;
  const allSamples = section.tensor({ ...dataset, role: "samples", columns });
  const allLabels = section.tensor({ ...dataset, role: "labels", columns: 1 });
  const table = section.tensor(
    { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH, bounds: EXP_TABLE_BOUNDS },
    expTableFile(),
  );
  const weights = readWeights(section, trained);
  const samples = section.operation("gather", [allSamples], { type: "u8", rows: batch, columns });
  const labels = section.operation("gather", [allLabels], { type: "u8", rows: batch, columns: 1 });
  return { section, weights, samples, labels, table };
}

/** The activations of a layer from its sums: shifted, and 0 where they are negative. */
export function rectified(
  section: SectionBuilder,
  sums: TensorHandle,
  { shift }: Layer,
  greatest = ACTIVATION,
): TensorHandle {
  return section.requantise(sums, "u8", [0, greatest], { shift });
}

/** The gradient of cross-entropy above the last layer, from its sums. */
export function lossGradient(step: StepInputs, sums: TensorHandle, { shift }: Layer): TensorHandle {
  return softmaxGradient(step, step.section.requantise(sums, "i16", I16, { shift }));
}

/** The gradient of cross-entropy, from logits in units of 1/64. */
export function softmaxGradient({ section, labels, table }: StepInputs, logits: TensorHandle): TensorHandle {
  const { rows, columns } = logits.entry;
  const spec = { type: "i16", rows, columns, bounds: LOSS_GRADIENT } as const;
  return section.operation("softmaxGradient", [logits, labels, table], spec);
}

/** A gradient below a layer, from its sums: saturated, and 0 where the activation is. */
export function gated(
  section: SectionBuilder,
  sums: TensorHandle,
  activation: TensorHandle,
  shift: number,
  bounds: readonly [number, number] = I16,
): TensorHandle {
  const scaled = section.requantise(sums, "i16", bounds, { shift });
  const { rows, columns } = scaled.entry;
  return section.operation("gate", [scaled, activation], { type: "i16", rows, columns, bounds });
}

/** The step's new weights of a slot: less the summed gradient, shifted. */
export function update(section: SectionBuilder, weights: TensorHandle, gradient: TensorHandle, shift: number): void {
  const { type, rows, columns, lowest, highest, index } = weights.entry;
  const spec = { type, rows, columns, bounds: [lowest, highest], output: index } as const;
  section.operation("update", [weights, gradient], spec, { shift });
}

/** sat(rshr(sum of the parts * round(2^16 / parts), 16)); more than three parts are added in a chain. */
function averageSection(shapes: readonly LayerShape[], count: number): SectionBuilder {
  const section = new SectionBuilder("average");
  weightsSpecs(shapes).forEach((spec, slot) => {
    const { clamp } = (shapes[slot] as LayerShape).layer;
    const parts = Array.from({ length: count }, (_, part) =>
      section.tensor({ ...spec, role: "partWeights", index: 256 * part + slot }),
    );
    let total = parts[0] as TensorHandle;
    for (let next = 1; next < parts.length;) {
      const terms = [total, ...parts.slice(next, next + 2)];
      next += terms.length - 1;
      const reach = clamp * next;
      total = section.operation("add", terms, { ...spec, type: "i32", bounds: [-reach, reach] });
    }
    const multiplier = Math.round(2 ** AVERAGE_SHIFT / count);
    section.requantise(total, "i16", [-clamp, clamp], { shift: AVERAGE_SHIFT, multiplier }, slot);
  });
  return section;
}

/** The answer to one query of `columns` bytes: the class with the greatest of the sums that `forward` gives. */
export function inferSection(
  columns: number,
  model: readonly TensorSpec[],
  forward: (section: SectionBuilder, query: TensorHandle, weights: readonly TensorHandle[]) => TensorHandle,
): SectionBuilder {
  const section = new SectionBuilder("infer");
  const query = section.tensor({ role: "query", type: "u8", rows: 1, columns });
  const sums = forward(section, query, readWeights(section, model));
  const bounds = [0, sums.entry.columns - 1] as const;
  section.operation("argmax", [sums], { type: "i32", rows: 1, columns: 1, bounds, output: 0 });
  return section;
}

/** A network's program from its step and its inference, which are all that networks differ in. */
export function networkProgram(
  header: Pick<Program, "parts" | "batch" | "stepsPerPart">,
  shapes: readonly LayerShape[],
  step: SectionBuilder,
  infer: SectionBuilder,
): Program {
  const init = initSection(weightsSpecs(shapes), (slot) => {
    const { initMultiplier } = (shapes[slot] as LayerShape).layer;
    return { shift: INIT_SHIFT, multiplier: initMultiplier };
  });
  const sections = [init, step, infer, allocationSection()];
  if (header.parts > 1) sections.push(averageSection(shapes, header.parts));
  const program = joinSections(header, sections);
  validateProgram(program);
  return program;
}
