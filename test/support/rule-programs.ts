import { encodeTensor } from "../../src/core/tensor.ts";
import { allocationSection } from "../../src/compute/allocation-section.ts";
import { EXP_TABLE_BOUNDS, EXP_TABLE_LENGTH, expTableFile } from "../../src/compute/exp-table.ts";
import { joinSections, SectionBuilder, type TensorHandle, type TensorSpec } from "../../src/compute/program-builder.ts";
import type { Program } from "../../src/compute/program.ts";
import { windowsArguments } from "../../src/compute/windows.ts";

/*
 * Small programs that together use every operation, role, section and extent: what the rules of validation are tested on.
 */

const ONE_STEP = { parts: 1, batch: 1, stepsPerPart: 1 };
const DATASET = { type: "u8", rows: 1000, rowExtent: "samples" } as const;
const I16 = [-32_768, 32_767] as const;

/** A section `init` that fills one tensor after the other. */
export function initOf(...specs: readonly TensorSpec[]): SectionBuilder {
  const section = new SectionBuilder("init");
  specs.forEach((spec, slot) => {
    section.operation("init", [], { ...spec, output: slot }, { shift: 4, multiplier: 9, arguments: [slot, 0] });
  });
  return section;
}

/** A section whose weights are those of `init`. */
function sectionWith(name: "step" | "infer", ...specs: readonly TensorSpec[]): [SectionBuilder, TensorHandle[]] {
  const section = new SectionBuilder(name);
  return [section, specs.map((spec, index) => section.tensor({ ...spec, role: "weights", index }))];
}

/** The smallest model that a step changes. */
const SMALL: TensorSpec = { type: "i16", rows: 2, columns: 8, bounds: [-70, 70] };

function smallStep(): SectionBuilder {
  const [step, [weights]] = sectionWith("step", SMALL) as [SectionBuilder, [TensorHandle]];
  step.operation("update", [weights, weights], { ...SMALL, output: 0 }, { shift: 1 });
  return step;
}

/** A layer that is trained by two parts, and answers. */
function trainedProgram(): Program {
  const weights: TensorSpec = { type: "i16", rows: 3, columns: 8, bounds: [-100, 100] };
  const [step, [w]] = sectionWith("step", weights) as [SectionBuilder, [TensorHandle]];
  const samples = step.tensor({ ...DATASET, role: "samples", columns: 8 });
  const labels = step.tensor({ ...DATASET, role: "labels", columns: 1 });
  const table = step.tensor(
    { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH, bounds: EXP_TABLE_BOUNDS },
    expTableFile(),
  );
  const x = step.operation("gather", [samples], { type: "u8", rows: 4, columns: 8 });
  const y = step.operation("gather", [labels], { type: "u8", rows: 4, columns: 1 });
  const biased = step.operation("setColumn", [x], { type: "u8", rows: 4, columns: 8 }, { arguments: [0, 255] });
  const logits = step.requantise(step.matmul(biased, w), "i16", I16, { shift: 5 });
  const unit = { type: "i16", rows: 4, columns: 3, bounds: [-16_384, 16_384] } as const;
  const gradient = step.operation("softmaxGradient", [logits, y, table], unit);
  const gated = step.operation("gate", [gradient, logits], unit);
  const change = step.matmul(step.transpose(gated), step.transpose(biased));
  step.operation("update", [w, change], { ...weights, output: 0 }, { shift: 12 });

  const average = new SectionBuilder("average");
  const ends = [0, 1].map((part) => average.tensor({ ...weights, role: "partWeights", index: 256 * part }));
  const sum = average.operation("add", ends, { ...weights, type: "i32", bounds: [-200, 200] });
  average.requantise(sum, "i16", [-100, 100], { shift: 1 }, 0);

  const [infer, [model]] = sectionWith("infer", weights) as [SectionBuilder, [TensorHandle]];
  const query = infer.tensor({ role: "query", type: "u8", rows: 1, columns: 8 });
  const scores = infer.matmul(query, model);
  infer.operation("argmax", [scores], { type: "i32", rows: 1, columns: 1, bounds: [0, 2], output: 0 });
  return joinSections({ parts: 2, batch: 4, stepsPerPart: 3 }, [initOf(weights), step, average, infer]);
}

/** A layer of convolution and pooling on images of 4 x 4, and a sum longer than 1,024. */
function imageProgram(): Program {
  const kernels: TensorSpec = { type: "i16", rows: 2, columns: 9, bounds: [-50, 50] };
  const bias: TensorSpec = { type: "i32", rows: 1, columns: 2, bounds: [-900, 900] };
  const long: TensorSpec = { type: "i8", rows: 3, columns: 1500, bounds: [-9, 9] };
  const specs = [kernels, bias, long];
  const [step, weights] = sectionWith("step", ...specs);
  const [k, b, l] = weights as [TensorHandle, TensorHandle, TensorHandle];
  const samples = step.tensor({ ...DATASET, role: "samples", columns: 16 });
  const x = step.operation("gather", [samples], { type: "u8", rows: 1, columns: 16 });
  const image = step.operation("reshape", [x], { type: "u8", rows: 16, columns: 1 });
  const around = windowsArguments({ height: 4, width: 4, kernel: 3, stride: 1, padding: 1 });
  const apart = windowsArguments({ height: 4, width: 4, kernel: 2, stride: 2, padding: 0 });
  const windows = step.operation("unfold", [image], { type: "u8", rows: 16, columns: 9 }, { arguments: around });
  const sums = step.addRow(step.matmul(windows, k), b);
  const active = step.requantise(sums, "u8", [0, 127], { shift: 9 });
  const squares = step.operation(
    "unfold",
    [active],
    { type: "u8", rows: 4, columns: 8, bounds: [0, 127] },
    { arguments: apart },
  );
  const pooled = step.operation("maxPool", [squares], { type: "u8", rows: 4, columns: 2 }, { arguments: [4, 0] });
  const above = step.requantise(pooled, "i16", [-99, 99], { shift: 1 });
  const below = step.operation(
    "poolGradient",
    [above, squares],
    { type: "i16", rows: 4, columns: 8, bounds: [-99, 99] },
    { arguments: [4, 0] },
  );
  const pixels = step.operation(
    "fold",
    [below],
    { type: "i16", rows: 16, columns: 2, bounds: [-99, 99] },
    { arguments: apart },
  );
  const change = step.operation(
    "accumulate",
    [step.transpose(pixels), step.transpose(windows)],
    { type: "i32", rows: 2, columns: 9, bounds: [-60_000, 60_000] },
    { shift: 3 },
  );
  step.operation("rotate", [k], { type: "i16", rows: 1, columns: 18, bounds: [-50, 50] }, { arguments: [9, 0] });
  step.operation("update", [k, change], { ...kernels, output: 0 }, { shift: 8 });
  step.operation("update", [b, b], { ...bias, output: 1 }, { shift: 8 });
  const chain = step.operation("accumulate", [l, l], { type: "i32", rows: 6, columns: 3 }, { shift: 2 });
  step.operation("tail", [chain], { type: "i32", rows: 3, columns: 3 });
  step.requantise(l, "i8", [-9, 9], { shift: 1 }, 2);
  return joinSections(ONE_STEP, [initOf(...specs), step]);
}

/** Shares as every job divides them. */
function sharesProgram(): Program {
  return joinSections(ONE_STEP, [initOf(SMALL), smallStep(), allocationSection()]);
}

/** Constants of several sizes, which leave gaps in the file. */
export function constantsProgram(): Program {
  const [step, [weights]] = sectionWith("step", SMALL) as [SectionBuilder, [TensorHandle]];
  const constant = (type: "i8" | "i32", rows: number, columns: number): TensorHandle => {
    const elements = type === "i8" ? new Int8Array(rows * columns).fill(-3) : new Int32Array(rows * columns).fill(-3);
    return step.tensor({ role: "constant", type, rows, columns }, encodeTensor({ type, rows, columns }, elements));
  };
  const [wide] = [constant("i8", 2, 8), constant("i32", 30, 20), constant("i32", 3, 70), constant("i8", 1, 1)];
  const i32 = { type: "i32", rows: 2, columns: 8, bounds: [-200, 200] } as const;
  const sum = step.operation("add", [weights, wide], i32);
  step.requantise(sum, "i16", [-70, 70], { shift: 1 }, 0);
  return joinSections(ONE_STEP, [initOf(SMALL), step]);
}

/** A network that only answers. */
export function answeringProgram(): Program {
  const [infer, [model]] = sectionWith("infer", SMALL) as [SectionBuilder, [TensorHandle]];
  const query = infer.tensor({ role: "query", type: "u8", rows: 2, columns: 8 });
  const bounds = [0, 1] as const;
  infer.operation("argmax", [infer.matmul(query, model)], { type: "i32", rows: 2, columns: 1, bounds, output: 0 });
  return joinSections(ONE_STEP, [initOf(SMALL), infer]);
}

/** All of them by name. */
export const RULE_PROGRAMS: Readonly<Record<string, Program>> = {
  trained: trainedProgram(),
  images: imageProgram(),
  shares: sharesProgram(),
  constants: constantsProgram(),
  answering: answeringProgram(),
};
