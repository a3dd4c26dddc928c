import { encodeTensor } from "../../src/core/tensor.ts";
import { allocationSection } from "../../src/compute/allocation-section.ts";
import { EXP_TABLE_BOUNDS, EXP_TABLE_LENGTH, expTableFile } from "../../src/compute/exp-table.ts";
import { inferSection, initSection } from "../../src/compute/networks/network-sections.ts";
import { joinSections, SectionBuilder, type TensorHandle, type TensorSpec } from "../../src/compute/program-builder.ts";
import type { Program } from "../../src/compute/program.ts";
import { MAX_SAMPLES } from "../../src/compute/randomness.ts";
import { validateProgram } from "../../src/compute/validate.ts";
import { windowsArguments } from "../../src/compute/windows.ts";

/** Bytes of a sample, and classes, of {@link everyOperation}. */
export const INPUTS = 16;
const CLASSES = 8;
const BATCH = 16;
const CLAMP = 10_741;
const WEIGHTS: TensorSpec = { type: "i16", rows: CLASSES, columns: INPUTS, bounds: [-CLAMP, CLAMP] };
const I16 = [-(2 ** 15), 2 ** 15 - 1] as const;

/** A program whose sections have every operation that a job can come to, in shapes with padding and with chains of several chunks. */
export function everyOperation(parts: number, stepsPerPart: number): Program {
  const init = initSection([WEIGHTS], () => ({ shift: 8, multiplier: 4_000 }));
  const infer = inferSection(INPUTS, [WEIGHTS], (section, query, [weights]) =>
    section.matmul(query, weights as TensorHandle),
  );
  const sections = [init, stepSection(), infer, allocationSection()];
  if (parts > 1) sections.push(averageSection(parts));
  const program = joinSections({ parts, batch: BATCH, stepsPerPart }, sections);
  validateProgram(program);
  return program;
}

function stepSection(): SectionBuilder {
  const section = new SectionBuilder("step");
  const dataset = { type: "u8", rows: MAX_SAMPLES, rowExtent: "samples" } as const;
  const samples = section.tensor({ ...dataset, role: "samples", columns: INPUTS });
  const labels = section.tensor({ ...dataset, role: "labels", columns: 1 });
  const table = section.tensor(
    { role: "constant", type: "i32", rows: 1, columns: EXP_TABLE_LENGTH, bounds: EXP_TABLE_BOUNDS },
    expTableFile(),
  );
  const bias = section.tensor(
    { role: "constant", type: "i8", rows: 1, columns: CLASSES },
    encodeTensor(
      { type: "i8", rows: 1, columns: CLASSES },
      Int8Array.from({ length: CLASSES }, (_, i) => 9 * i - 30),
    ),
  );
  const weights = section.tensor({ ...WEIGHTS, role: "weights" });
  const x = section.operation("gather", [samples], { type: "u8", rows: BATCH, columns: INPUTS });
  const y = section.operation("gather", [labels], { type: "u8", rows: BATCH, columns: 1 });
  const input = section.operation(
    "setColumn",
    [x],
    { type: "u8", rows: BATCH, columns: INPUTS },
    { arguments: [0, 255] },
  );
  const rows = { rows: BATCH, columns: CLASSES } as const;
  const sums = section.matmul(input, weights);
  const reach = sums.entry.highest + 128n;
  const biased = section.operation("addRow", [sums, bias], { type: "i32", ...rows, bounds: [-reach, reach] });
  const hidden = section.requantise(biased, "u8", [0, 127], { shift: 12 });
  const logits = section.requantise(biased, "i16", I16, { shift: 11 });
  const unit = 2 ** 14;
  const gradient = section.operation("softmaxGradient", [logits, y, table], {
    type: "i16",
    ...rows,
    bounds: [-unit, unit],
  });
  const gated = section.operation("gate", [gradient, hidden], { type: "i16", ...rows, bounds: [-unit, unit] });
  images(section, input);
  section.operation("argmax", [logits], { type: "i32", rows: BATCH, columns: 1, bounds: [0, CLASSES - 1] });
  section.operation(
    "rotate",
    [weights],
    { type: "i16", rows: 4, columns: 32, bounds: [-CLAMP, CLAMP] },
    { arguments: [4, 0] },
  );
  const change = section.matmul(section.transpose(gated), section.transpose(input));
  section.operation("update", [weights, change], { ...WEIGHTS, output: 0 }, { shift: 12 });
  return section;
}

/** What is done to images of 4 x 4; nothing reads the ends of it. */
function images(section: SectionBuilder, input: TensorHandle): void {
  const pixels = section.operation("reshape", [input], { type: "u8", rows: BATCH * 16, columns: 1 });
  const image = { height: 4, width: 4 };
  const quarters = { arguments: windowsArguments({ ...image, kernel: 2, stride: 2, padding: 0 }) };
  const around = { arguments: windowsArguments({ ...image, kernel: 3, stride: 1, padding: 1 }) };
  const windows = section.operation("unfold", [pixels], { type: "u8", rows: BATCH * 4, columns: 4 }, quarters);
  section.operation("fold", [windows], { type: "u8", rows: BATCH * 16, columns: 1 }, quarters);
  const padded = section.operation("unfold", [pixels], { type: "u8", rows: BATCH * 16, columns: 9 }, around);
  const pooled = section.operation(
    "maxPool",
    [windows],
    { type: "u8", rows: BATCH * 4, columns: 2 },
    { arguments: [2, 0] },
  );
  const above = section.requantise(pooled, "i16", [0, 255], { shift: 1 });
  section.operation(
    "poolGradient",
    [above, windows],
    { type: "i16", rows: BATCH * 4, columns: 4 },
    { arguments: [2, 0] },
  );
  const long = section.operation("reshape", [padded], { type: "u8", rows: 2, columns: BATCH * 72 });
  const sums = section.operation("accumulate", [long, long], { type: "i32", rows: 4, columns: 2 }, { shift: 8 });
  section.operation("tail", [sums], { type: "i32", rows: 2, columns: 2 });
}

function averageSection(parts: number): SectionBuilder {
  const section = new SectionBuilder("average");
  const ends = Array.from({ length: parts }, (_, part) =>
    section.tensor({ ...WEIGHTS, role: "partWeights", index: 256 * part }),
  );
  // Nothing reads it: an average is not told the job's seed.
  section.operation("init", [], { type: "i16", rows: 3, columns: 5 }, { shift: 8, multiplier: 4_000 });
  const reach = CLAMP * parts;
  const sum = section.operation("add", ends, { ...WEIGHTS, type: "i32", bounds: [-reach, reach] });
  const multiplier = Math.round(2 ** 16 / parts);
  section.requantise(sum, "i16", [-CLAMP, CLAMP], { shift: 16, multiplier }, 0);
  return section;
}
