import { expTableFile, EXP_TABLE_LENGTH } from "./exp-table.ts";
import { joinSections, SectionBuilder, type TensorHandle, type TensorSpec } from "./program-builder.ts";
import type { Program } from "./program.ts";
import { MAX_SAMPLES } from "./randomness.ts";
import { validateProgram } from "./validate.ts";
import { encodeTensor } from "../core/tensor.ts";
import { TRAINING_CLASSES, type TrainingShapes } from "../proofs/training-proof.ts";

/** Samples are bytes around this. */
const CENTRE = 128;
const I8 = [-128, 127] as const;
/** Logits in quarters, and so many units of softmaxGradient in a quarter. */
const LEVELS = [-8, 7] as const;
const LEVEL_UNITS = 16;
const GRADIENT = [-(2 ** 14), 2 ** 14] as const;
const INIT = { shift: 11, multiplier: 16 };

/**
 * The program of a softmax regression of three classes whose whole training run fits in one proof: one part of `steps` steps.
 * Weights are i8, inputs are centred by a constant matrix, and logits are rounded to sixteen levels, so that the exponential takes
 * sixteen of the table's values. Column 0 of the samples is the place of the bias.
 */
export function provableRegression(shapes: TrainingShapes): Program {
  const { batch, steps } = shapes;
  const init = new SectionBuilder("init");
  init.operation("init", [], { ...weightsSpec(shapes), output: 0 }, { ...INIT, arguments: [0, 0] });
  const sections = [init, stepSection(shapes), inferSection(shapes)];
  const program = joinSections({ parts: 1, batch, stepsPerPart: steps }, sections);
  validateProgram(program);
  return program;
}

function weightsSpec({ features }: TrainingShapes): TensorSpec {
  return { type: "i8", rows: TRAINING_CLASSES, columns: features + 1, bounds: I8 };
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

function stepSection(shapes: TrainingShapes): SectionBuilder {
  const section = new SectionBuilder("step");
  const { batch, features, logitShift, updateShift } = shapes;
  const dataset = { type: "u8", rows: MAX_SAMPLES, rowExtent: "samples" } as const;
  const samples = section.tensor({ ...dataset, role: "samples", columns: features + 1 });
  const labels = section.tensor({ ...dataset, role: "labels", columns: 1 });
  const table = section.tensor(
    { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH, bounds: [0, 65_536] },
    expTableFile(),
  );
  const weights = section.tensor({ ...weightsSpec(shapes), role: "weights", index: 0 });
  const x = section.operation("gather", [samples], { type: "u8", rows: batch, columns: features + 1 });
  const y = section.operation("gather", [labels], { type: "u8", rows: batch, columns: 1 });
  const inputs = centred(section, x, shapes);
  const levels = section.requantise(section.matmul(inputs, weights), "i8", LEVELS, { shift: logitShift });
  const bounds = [LEVELS[0] * LEVEL_UNITS, LEVELS[1] * LEVEL_UNITS] as const;
  const logits = section.requantise(levels, "i8", bounds, { shift: 1, multiplier: 2 * LEVEL_UNITS });
  const gradient = section.operation("softmaxGradient", [logits, y, table], {
    type: "i16",
    rows: batch,
    columns: TRAINING_CLASSES,
    bounds: GRADIENT,
  });
  const change = section.matmul(section.transpose(gradient), section.transpose(inputs));
  section.operation("update", [weights, change], { ...weightsSpec(shapes), output: 0 }, { shift: updateShift });
  return section;
}

function inferSection(shapes: TrainingShapes): SectionBuilder {
  const section = new SectionBuilder("infer");
  const query = section.tensor({ role: "query", type: "u8", rows: 1, columns: shapes.features + 1 });
  const weights = section.tensor({ ...weightsSpec(shapes), role: "weights", index: 0 });
  const sums = section.matmul(centred(section, query, shapes), weights);
  const bounds = [0, TRAINING_CLASSES - 1] as const;
  section.operation("argmax", [sums], { type: "i32", rows: 1, columns: 1, bounds, output: 0 });
  return section;
}
