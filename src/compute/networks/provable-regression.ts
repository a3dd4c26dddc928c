import { encodeTensor } from "../../core/tensor.ts";
import { TRAINING_CLASSES, type TrainingShapes } from "../../proofs/training-proof.ts";
import { inferSection, initSection, softmaxGradient, stepInputs, update } from "./network-sections.ts";
import { joinSections, type SectionBuilder, type TensorHandle, type TensorSpec } from "../program-builder.ts";
import type { Program } from "../program.ts";
import { validateProgram } from "../validate.ts";

/** Samples are bytes around this. */
const CENTRE = 128;
const I8 = [-128, 127] as const;
/** Logits in quarters, and so many units of softmaxGradient in a quarter. */
const LEVELS = [-8, 7] as const;
const LEVEL_UNITS = 16;
const INIT = { shift: 11, multiplier: 16 };

/**
 * The program of a softmax regression of three classes whose whole training run fits in one proof: one part of `steps` steps.
 * Weights are i8, inputs are centred by a constant matrix, and logits are rounded to sixteen levels, so that the exponential takes
 * sixteen of the table's values. Column 0 of the samples is the place of the bias.
 */
export function provableRegression(shapes: TrainingShapes): Program {
  const { batch, features, steps } = shapes;
  const weights: readonly TensorSpec[] = [{ type: "i8", rows: TRAINING_CLASSES, columns: features + 1, bounds: I8 }];
  const init = initSection(weights, () => INIT);
  const infer = inferSection(features + 1, weights, (section, query, [matrix]) =>
    section.matmul(centred(section, query, shapes), matrix as TensorHandle),
  );
  const sections = [init, stepSection(shapes, weights), infer];
  const program = joinSections({ parts: 1, batch, stepsPerPart: steps }, sections);
  validateProgram(program);
  return program;
}

/** The inputs less 128, and the bias in column 0. */
function centred(section: SectionBuilder, input: TensorHandle, { bias }: TrainingShapes): TensorHandle {
  const { rows, columns } = input.entry;
  const matrix = new Int8Array(columns * columns);
  matrix[0] = bias;
  for (let feature = 1; feature < columns; feature++) {
    matrix[feature * columns] = -CENTRE;
    matrix[feature * columns + feature] = 1;
  }
  const shape = { type: "i8", rows: columns, columns } as const;
  const centre = section.tensor({ ...shape, role: "constant" }, encodeTensor(shape, matrix));
  const marked = section.operation("setColumn", [input], { type: "u8", rows, columns }, { arguments: [0, 1] });
  // rshr(2 x, 1) = x: only the type changes.
  return section.requantise(section.matmul(marked, centre), "i8", I8, { shift: 1, multiplier: 2 });
}

function stepSection(shapes: TrainingShapes, weights: readonly TensorSpec[]): SectionBuilder {
  const { batch, features, logitShift, updateShift } = shapes;
  const step = stepInputs(batch, features + 1, weights);
  const { section } = step;
  const matrix = step.weights[0] as TensorHandle;
  const inputs = centred(section, step.samples, shapes);
  const levels = section.requantise(section.matmul(inputs, matrix), "i8", LEVELS, { shift: logitShift });
  const bounds = [LEVELS[0] * LEVEL_UNITS, LEVELS[1] * LEVEL_UNITS] as const;
  const logits = section.requantise(levels, "i8", bounds, { shift: 1, multiplier: 2 * LEVEL_UNITS });
  const gradient = softmaxGradient(step, logits);
  const change = section.matmul(section.transpose(gradient), section.transpose(inputs));
  update(section, matrix, change, updateShift);
  return section;
}
