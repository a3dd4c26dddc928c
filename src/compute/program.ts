import type { ElementType } from "../core/tensor.ts";

/** The parts of a program. Entries and operations stand in this order. */
export const SECTIONS = ["init", "step", "average", "infer", "allocate"] as const;
export type Section = (typeof SECTIONS)[number];

/** Where the elements of a tensor come from: an operation, the program file, or the job. */
export const ROLES = [
  "computed",
  "constant",
  "weights",
  "partWeights",
  "samples",
  "labels",
  "query",
  "records",
  "credits",
  "terms",
] as const;
export type Role = (typeof ROLES)[number];

/** What a dimension is: the number in the entry, or a number of the job that the entry's number limits. */
export const EXTENTS = [
  "static",
  "samples",
  "accounts",
  "credits",
  "sampleChunks",
  "accountChunks",
  "creditChunks",
] as const;
export type Extent = (typeof EXTENTS)[number];

/** The instruction set. An operation's code in the file is its place here plus one. */
export const OPERATIONS = [
  "init",
  "gather",
  "setColumn",
  "matmul",
  "requantise",
  "gate",
  "softmaxGradient",
  "transpose",
  "update",
  "add",
  "argmax",
  "column",
  "count",
  "proportion",
  "sum",
  "remainder",
  "addRow",
  "unfold",
  "fold",
  "rotate",
  "reshape",
  "maxPool",
  "poolGradient",
  "accumulate",
  "tail",
] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** Elements that one element of an output reads from one operand, at most. Longer sums are chains of rows. */
export const CHUNK_ELEMENTS = 1024;

/** One tensor of a program. */
export interface TensorEntry {
  readonly section: Section;
  readonly role: Role;
  /** Slot of weights; 256 x part + slot of part weights; first leaf in the program file of a constant; else 0. */
  readonly index: number;
  /** The weights slot (or 0 for a section's only result) that this tensor is the section's output for. */
  readonly output: number | undefined;
  readonly type: ElementType;
  readonly rows: number;
  readonly columns: number;
  readonly rowExtent: Extent;
  readonly columnExtent: Extent;
  /** No element is below. A saturating operation saturates here. */
  readonly lowest: bigint;
  /** No element is above. */
  readonly highest: bigint;
}

/** One operation of a program: it writes one tensor and reads up to three. Fields an operation has no use for are 0. */
export interface OperationEntry {
  readonly section: Section;
  readonly name: OperationName;
  readonly output: number;
  readonly operands: readonly number[];
  readonly shift: number;
  readonly multiplier: number;
  readonly arguments: readonly [number, number];
}

/** A program as data. `encodeProgram` gives its file, `validateProgram` what every user of it may rely on. */
export interface Program {
  /** Parts of a round. */
  readonly parts: number;
  /** Steps of a part. */
  readonly stepsPerPart: number;
  /** Samples of a step. */
  readonly batch: number;
  readonly tensors: readonly TensorEntry[];
  readonly operations: readonly OperationEntry[];
  /** The tensor file of each constant, by its place in `tensors`. */
  readonly constants: ReadonlyMap<number, Uint8Array>;
}

/** The tensors that a section gives out, by slot. */
export function sectionOutputs(program: Program, section: Section): number[] {
  const outputs: number[] = [];
  program.tensors.forEach((tensor, index) => {
    if (tensor.section === section && tensor.output !== undefined) outputs[tensor.output] = index;
  });
  return outputs;
}

/** The tensors of the model in slot order: the shapes of a weights file. */
export function weightsShapes(program: Program): TensorEntry[] {
  return sectionOutputs(program, "init").map((index) => program.tensors[index] as TensorEntry);
}

/** True unless the program's weights come from elsewhere: then it has no step. */
export function isTrainable(program: Program): boolean {
  const isStep = ({ section }: TensorEntry | OperationEntry): boolean => section === "step";
  return program.tensors.some(isStep) || program.operations.some(isStep);
}
