import { ensureInput } from "../core/errors.ts";
import { RECORD_BYTES } from "../core/record-layout.ts";
import type { ElementType } from "../core/tensor.ts";
import { TYPE_RANGES } from "./checks.ts";
import {
  EXTENTS,
  isTrainable,
  sectionOutputs,
  type Extent,
  type Program,
  type Role,
  type Section,
  type TensorEntry,
} from "./program.ts";
import { MAX_TERM, TERMS_LENGTH } from "./terms.ts";

/** What the chain fixes about a tensor that enters from outside. */
interface OutsideTensor {
  readonly section: Section;
  readonly type: ElementType;
  readonly rowExtent: Extent;
  readonly rows?: number;
  readonly columns?: number;
  readonly bounds?: readonly [bigint, bigint];
}

const OUTSIDE: Partial<Record<Role, OutsideTensor>> = {
  samples: { section: "step", type: "u8", rowExtent: "samples" },
  labels: { section: "step", type: "u8", rowExtent: "samples", columns: 1 },
  query: { section: "infer", type: "u8", rowExtent: "static" },
  records: { section: "allocate", type: "u8", rowExtent: "samples", columns: RECORD_BYTES },
  credits: { section: "allocate", type: "i32", rowExtent: "credits", columns: 1 },
  terms: {
    section: "allocate",
    type: "i64",
    rowExtent: "static",
    rows: 1,
    columns: TERMS_LENGTH,
    bounds: [0n, MAX_TERM],
  },
};

const WEIGHTS_TYPES: readonly ElementType[] = ["i8", "i16", "i32"];

const WEIGHTS_SECTIONS: Partial<Record<Role, readonly Section[]>> = {
  weights: ["step", "infer"],
  partWeights: ["average"],
};

/** The dimensions that are known when a section is run. */
const KNOWN_EXTENTS: Readonly<Record<Section, readonly Extent[]>> = {
  init: ["static"],
  step: ["static", "samples"],
  average: ["static"],
  infer: ["static"],
  allocate: EXTENTS,
};

/** Checks that a tensor's dimensions are known where it stands: those of a constant in every job. */
export function ensureExtents({ role, section, rowExtent, columnExtent }: TensorEntry): void {
  const known = role === "constant" ? ["static"] : KNOWN_EXTENTS[section];
  ensureInput(
    known.includes(rowExtent) && known.includes(columnExtent),
    "COMPUTE_EXTENT_UNKNOWN",
    `${role} of ${section} is sized by ${rowExtent} x ${columnExtent}, which is not known there`,
  );
}

/** Checks a tensor against what its role allows. */
export function ensureRole(program: Program, tensor: TensorEntry, index: number): void {
  const { role, section } = tensor;
  const outside = OUTSIDE[role];
  if (outside !== undefined) {
    const [lowest, highest] = outside.bounds ?? TYPE_RANGES[outside.type];
    const matches =
      section === outside.section &&
      tensor.type === outside.type &&
      tensor.rowExtent === outside.rowExtent &&
      tensor.columnExtent === "static" &&
      (outside.rows === undefined || tensor.rows === outside.rows) &&
      (outside.columns === undefined || tensor.columns === outside.columns) &&
      tensor.lowest === lowest &&
      tensor.highest === highest;
    ensureInput(
      matches,
      "COMPUTE_ROLE_INVALID",
      `${role} in ${section} has not the section, type, shape or bounds of its role`,
    );
    ensureInput(
      program.tensors.findIndex((other) => other.role === role) === index,
      "COMPUTE_ROLE_INVALID",
      `there is a second tensor of ${role}`,
    );
  }
  const sections = WEIGHTS_SECTIONS[role];
  ensureInput(
    sections === undefined || sections.includes(section),
    "COMPUTE_ROLE_INVALID",
    `${role} cannot be read in ${section}`,
  );
  ensureInput(
    role === "weights" || role === "partWeights" || role === "constant" || tensor.index === 0,
    "COMPUTE_ROLE_INVALID",
    `${role} has no index, got ${tensor.index}`,
  );
  ensureInput(
    tensor.output === undefined || (role === "computed" && sectionOutputs(program, section)[tensor.output] === index),
    "COMPUTE_OUTPUT_INVALID",
    `output ${tensor.output} of ${section} is a computed tensor and the only one for its slot`,
  );
}

/**
 * Checks that a model is the same everywhere: `init` gives slots from 0 on; every section that gives weights gives all of them,
 * and whatever reads a slot declares the type, shape and bounds that it was written with. A program that is not trained has no
 * `step`, and its rounds are nothing.
 */
export function ensureWeights(program: Program): void {
  const model = sectionOutputs(program, "init").map((index) => program.tensors[index] as TensorEntry);
  ensureInput(model.length >= 1, "COMPUTE_WEIGHTS_MISMATCH", "init gives no weights");
  ensureInput(
    model.every(({ type }) => WEIGHTS_TYPES.includes(type)),
    "COMPUTE_WEIGHTS_MISMATCH",
    `weights are ${WEIGHTS_TYPES.join(" or ")}`,
  );
  const isTrained = isTrainable(program);
  ensureInput(
    isTrained || (program.parts === 1 && program.batch === 1 && program.stepsPerPart === 1),
    "COMPUTE_WEIGHTS_MISMATCH",
    "a program without step has 1 part of 1 step of 1 sample",
  );
  for (const section of ["init", "step", "average"] as const) {
    const outputs = sectionOutputs(program, section);
    const isNeeded = section === "average" ? program.parts > 1 : section === "init" || isTrained;
    const isComplete = Object.keys(outputs).length === outputs.length;
    ensureInput(
      outputs.length === (isNeeded ? model.length : 0) && isComplete,
      "COMPUTE_WEIGHTS_MISMATCH",
      `${section} must give ${isNeeded ? model.length : "no"} weights tensors for ${program.parts} parts`,
    );
    ensureInput(
      isNeeded || program.tensors.every((tensor) => tensor.section !== section),
      "COMPUTE_WEIGHTS_MISMATCH",
      `there is no ${section} of one part`,
    );
    outputs.forEach((index, slot) => {
      ensureSame(program.tensors[index], model[slot], slot);
    });
  }
  for (const tensor of program.tensors) {
    if (tensor.role === "weights") ensureSame(tensor, model[tensor.index], tensor.index);
    if (tensor.role !== "partWeights") continue;
    ensureInput(
      tensor.index >> 8 < program.parts,
      "COMPUTE_WEIGHTS_MISMATCH",
      `part ${tensor.index >> 8} of ${program.parts} does not exist`,
    );
    ensureSame(tensor, model[tensor.index & 0xff], tensor.index & 0xff);
  }
}

function ensureSame(tensor: TensorEntry | undefined, model: TensorEntry | undefined, slot: number): void {
  const matches =
    tensor !== undefined &&
    model !== undefined &&
    tensor.type === model.type &&
    tensor.rows === model.rows &&
    tensor.columns === model.columns &&
    tensor.rowExtent === "static" &&
    tensor.columnExtent === "static" &&
    tensor.lowest === model.lowest &&
    tensor.highest === model.highest;
  ensureInput(
    matches,
    "COMPUTE_WEIGHTS_MISMATCH",
    `weights ${slot} differ in type, shape or bounds from what init gives`,
  );
}
