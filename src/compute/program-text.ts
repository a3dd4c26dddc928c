import { fileRoot } from "../crypto/file-tree.ts";
import { INSTRUCTIONS } from "./operations.ts";
import { encodeProgram } from "./program-file.ts";
import {
  SECTIONS,
  isTrainable,
  type Extent,
  type OperationEntry,
  type OperationName,
  type Program,
  type Section,
  type TensorEntry,
} from "./program.ts";
import { windowsOf } from "./windows.ts";

/** What the arguments of operations are called, where they are not windows. */
const ARGUMENTS: Partial<Record<OperationName, readonly string[]>> = {
  init: ["stream"],
  setColumn: ["column", "value"],
  column: ["byte"],
  proportion: ["pool", "total"],
  rotate: ["area"],
  maxPool: ["groups"],
  poolGradient: ["groups"],
};

/**
 * A program for people: its root, then section by section a line for each tensor from outside and for each operation with the
 * tensor that it writes. The same program gives the same text.
 * @param program one that passed `validateProgram`
 */
export function programText(program: Program): string {
  const file = encodeProgram(program);
  const { parts, stepsPerPart, batch, tensors, operations } = program;
  const counts = `${file.length} bytes, ${tensors.length} tensors, ${operations.length} operations`;
  const rounds = isTrainable(program)
    ? `trained in rounds of ${parts} parts of ${stepsPerPart} steps of ${batch} samples`
    : "answers only";
  return [
    `program ${fileRoot(file)}`,
    `${counts}; ${rounds}`,
    ...SECTIONS.flatMap((section) => sectionLines(program, section)),
  ].join("\n");
}

function sectionLines(program: Program, section: Section): string[] {
  const width = `t${program.tensors.length - 1}`.length;
  const line = (index: number, origin: string): string => {
    const tensor = program.tensors[index] as TensorEntry;
    const output = tensor.output === undefined ? "" : ` -> ${section} ${tensor.output}`;
    return `  ${`t${index}`.padEnd(width)} ${shape(tensor)} in ${tensor.lowest}..${tensor.highest} ${origin}${output}`;
  };
  const outside = program.tensors.flatMap((tensor, index) =>
    tensor.section === section && tensor.role !== "computed" ? [line(index, source(program, tensor, index))] : [],
  );
  const computed = program.operations
    .filter((operation) => operation.section === section)
    .map((operation) => line(operation.output, `= ${call(operation)}`));
  const lines = [...outside, ...computed];
  return lines.length === 0 ? [] : ["", section, ...lines];
}

function shape({ type, rows, columns, rowExtent, columnExtent }: TensorEntry): string {
  return `${type}[${dimension(rowExtent, rows)}][${dimension(columnExtent, columns)}]`;
}

function dimension(extent: Extent, size: number): string {
  return extent === "static" ? String(size) : `${extent} <= ${size}`;
}

/** Where a tensor from outside comes from. */
function source(program: Program, { role, index }: TensorEntry, place: number): string {
  if (role === "weights") return `weights ${index}`;
  if (role === "partWeights") return `weights ${index & 0xff} of part ${index >> 8}`;
  const constant = program.constants.get(place);
  return constant === undefined ? role : `constant ${fileRoot(constant)} at leaf ${index}`;
}

function call(operation: OperationEntry): string {
  const { name, operands } = operation;
  return [[name, ...operands.map((operand) => `t${operand}`)].join(" "), ...parametersOf(operation)].join(", ");
}

function parametersOf(operation: OperationEntry): string[] {
  const { name, shift, multiplier, arguments: given } = operation;
  if (name === "unfold" || name === "fold") {
    const { height, width, kernel, stride, padding } = windowsOf(operation);
    return [`images ${height} x ${width}`, `kernel ${kernel}`, `stride ${stride}`, `padding ${padding}`];
  }
  const { parameters } = INSTRUCTIONS[name];
  return [
    ...(parameters.includes("shift") ? [`shift ${shift}`] : []),
    ...(parameters.includes("multiplier") ? [`multiplier ${multiplier}`] : []),
    ...(ARGUMENTS[name] ?? []).map((argument, index) => `${argument} ${given[index]}`),
  ];
}
