import { LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { TYPE_RANGES } from "./checks.ts";
import { located } from "./located.ts";
import { INSTRUCTIONS } from "./operations.ts";
import { decodeProgram, headBytes, MAX_ENTRIES } from "./program-file.ts";
import { sectionOutputs, SECTIONS, type OperationEntry, type Program, type TensorEntry } from "./program.ts";
import { MAX_SAMPLES } from "./randomness.ts";
import { ensureConstants } from "./validate-constants.ts";
import { ensureExtents, ensureRole, ensureWeights } from "./validate-roles.ts";

/** Elements of all tensors together that are not sized by the job. */
const MAX_STATIC_ELEMENTS = 2 ** 27;

/** Leaves of header and tables: what fits into a contract's code. */
const MAX_HEAD_LEAVES = 95;

/** Operations of a section, so that a record of their outputs has at most 128 roots. */
const MAX_SECTION_OPERATIONS = 127;

/** Reads and checks a program file: the only way a program from outside comes in. */
export function loadProgram(file: Uint8Array): Program {
  const program = decodeProgram(file);
  validateProgram(program);
  return program;
}

/**
 * Checks that every element of every tensor is defined, free of overflow and small enough to be judged alone.
 * @throws GlassboxError with a `COMPUTE_` code that names the rule; its message names the tensor or operation.
 */
export function validateProgram(program: Program): void {
  ensureHeader(program);
  program.tensors.forEach((tensor, index) => {
    located(`tensor ${index}`, () => {
      ensureTensor(program, tensor, index);
    });
  });
  ensureMemory(program);
  ensureOrder(program.tensors, "tensors");
  ensureOrder(program.operations, "operations");
  ensureSectionLengths(program);
  ensureConstants(program);
  const written = new Set<number>();
  program.operations.forEach((operation, index) => {
    located(`operation ${index}`, () => {
      ensureOperation(program, operation, written);
    });
  });
  program.tensors.forEach((tensor, index) => {
    ensureInput(
      tensor.role !== "computed" || written.has(index),
      "COMPUTE_TENSOR_UNWRITTEN",
      `no operation writes tensor ${index}`,
    );
  });
  ensureWeights(program);
  ensureResults(program);
}

function ensureHeader(program: Program): void {
  const { parts, batch, stepsPerPart } = program;
  ensureRange("parts", parts, 1, 255);
  ensureRange("batch", batch, 1, 2 ** 16);
  ensureRange("stepsPerPart", stepsPerPart, 1, 2 ** 20);
  ensureRange("tensors", program.tensors.length, 1, MAX_ENTRIES);
  ensureRange("operations", program.operations.length, 1, MAX_ENTRIES);
  const leaves = headBytes(program.tensors.length, program.operations.length) / LEAF_BYTES;
  ensureInput(
    leaves <= MAX_HEAD_LEAVES,
    "COMPUTE_HEAD_TOO_LONG",
    `header and tables take ${leaves} leaves, more than ${MAX_HEAD_LEAVES}`,
  );
}

function ensureRange(name: string, value: number, min: number, max: number): void {
  ensureInput(
    Number.isInteger(value) && value >= min && value <= max,
    "COMPUTE_HEADER_RANGE",
    `${name} is ${min} to ${max}, got ${value}`,
  );
}

function ensureTensor(program: Program, tensor: TensorEntry, index: number): void {
  const [lowest, highest] = TYPE_RANGES[tensor.type];
  ensureInput(
    lowest <= tensor.lowest && tensor.lowest <= tensor.highest && tensor.highest <= highest,
    "COMPUTE_BOUNDS_MISMATCH",
    `bounds ${tensor.lowest}..${tensor.highest} are not a range of ${tensor.type}`,
  );
  ensureInput(
    tensor.rows >= 1 && tensor.columns >= 1 && tensor.rows <= MAX_SAMPLES && tensor.columns <= MAX_SAMPLES,
    "COMPUTE_TENSOR_TOO_LARGE",
    `${tensor.rows} x ${tensor.columns} elements are out of range`,
  );
  ensureExtents(tensor);
  ensureRole(program, tensor, index);
}

function ensureMemory(program: Program): void {
  const elements = program.tensors
    .filter((tensor) => tensor.rowExtent === "static" && tensor.columnExtent === "static")
    .reduce((total, tensor) => total + tensor.rows * tensor.columns, 0);
  ensureInput(
    elements <= MAX_STATIC_ELEMENTS,
    "COMPUTE_TENSOR_TOO_LARGE",
    `tensors have ${elements} elements in all, more than ${MAX_STATIC_ELEMENTS}`,
  );
}

function ensureOrder(entries: readonly (TensorEntry | OperationEntry)[], what: string): void {
  entries.slice(1).forEach((entry, index) => {
    const before = entries[index] as TensorEntry | OperationEntry;
    ensureInput(
      SECTIONS.indexOf(before.section) <= SECTIONS.indexOf(entry.section),
      "COMPUTE_SECTION_ORDER",
      `${what} stand section by section, but ${entry.section} follows ${before.section}`,
    );
  });
}

function ensureSectionLengths(program: Program): void {
  for (const section of SECTIONS) {
    const count = program.operations.filter((operation) => operation.section === section).length;
    ensureInput(
      count <= MAX_SECTION_OPERATIONS,
      "COMPUTE_SECTION_TOO_LONG",
      `${section} has ${count} operations, more than ${MAX_SECTION_OPERATIONS}`,
    );
  }
}

function ensureOperation(program: Program, operation: OperationEntry, written: Set<number>): void {
  const { section, name } = operation;
  const instruction = INSTRUCTIONS[name];
  const [min, max] = instruction.arity;
  const given = operation.operands.length;
  ensureInput(
    given >= min && given <= max,
    "COMPUTE_ARITY_MISMATCH",
    `${name} takes ${min} to ${max} operands, got ${given}`,
  );
  const output = tensorAt(program, operation.output);
  ensureInput(
    output.section === section && output.role === "computed" && !written.has(operation.output),
    "COMPUTE_OUTPUT_INVALID",
    `${name} must write a computed tensor of ${section} that nothing else writes, got ${operation.output}`,
  );
  const operands = operation.operands.map((operand) => {
    const tensor = tensorAt(program, operand);
    ensureInput(
      tensor.section === section && (tensor.role !== "computed" || written.has(operand)),
      "COMPUTE_OPERAND_INVALID",
      `${name} reads tensor ${operand}, which nothing before it in ${section} gives`,
    );
    ensureInput(
      name === "gather" || (tensor.role !== "samples" && tensor.role !== "labels"),
      "COMPUTE_OPERAND_INVALID",
      `${name} reads ${tensor.role}, which only gather does`,
    );
    return tensor;
  });
  const parameters = {
    shift: operation.shift,
    multiplier: operation.multiplier,
    first: operation.arguments[0],
    second: operation.arguments[1],
  };
  for (const [parameter, value] of Object.entries(parameters)) {
    const isUsed = instruction.parameters.some((used) => used === parameter);
    ensureInput(isUsed || value === 0, "COMPUTE_PARAMETER_INVALID", `${name} has no ${parameter}, got ${value}`);
  }
  ensureInput(
    operation.multiplier >= 0 && operation.multiplier <= 2 ** 31 - 1,
    "COMPUTE_PARAMETER_INVALID",
    `${name}: the multiplier ${operation.multiplier} is out of range`,
  );
  instruction.check({ program, operation, output, operands });
  written.add(operation.output);
}

function tensorAt(program: Program, index: number): TensorEntry {
  const tensor = program.tensors[index];
  ensureInput(tensor !== undefined, "COMPUTE_OPERAND_INVALID", `tensor ${index} does not exist`);
  return tensor;
}

/** One answer and one allocation at most; whoever runs a section checks that it is there. */
function ensureResults(program: Program): void {
  for (const section of ["infer", "allocate"] as const) {
    const outputs = sectionOutputs(program, section);
    const hasEntries = program.tensors.some((tensor) => tensor.section === section);
    const [index] = outputs;
    const tensor = index === undefined ? undefined : program.tensors[index];
    const fits =
      section === "infer" ? tensor?.type === "i32" : tensor?.type === "i64" && tensor.rowExtent === "accounts";
    const isColumn = tensor?.columnExtent === "static" && tensor.columns === 1;
    ensureInput(
      !hasEntries || (outputs.length === 1 && fits && isColumn),
      "COMPUTE_RESULT_INVALID",
      `${section} gives one column: i32 answers, or an i64 for each account`,
    );
  }
}
