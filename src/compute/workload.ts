import { ensureInput } from "../core/errors.ts";
import { elementBytes } from "../core/tensor.ts";
import { INIT_ELEMENTS_PER_HASH } from "./randomness.ts";
import {
  CHUNK_ELEMENTS,
  SECTIONS,
  type OperationEntry,
  type Program,
  type Section,
  type TensorEntry,
} from "./program.ts";
import { resolveExtent, type JobNumbers } from "./section-run.ts";

/** Bytes that the tensors of one section may take. */
const MAX_SECTION_BYTES = 2 ** 30;
/** Elementary operations of one part: about two minutes of one core, as long as a coordinator waits for a part. */
const MAX_PART_WORK = 2 ** 36;
/** Elementary operations of one run of a section that runs once: about ten seconds. */
const MAX_SECTION_WORK = 2 ** 32;
/** Elementary operations that one hash is worth. */
const HASH_WORK = 2 ** 13;

/**
 * Checks that a program can be run with the numbers of a job within the memory and time that it may take; allocates nothing.
 * @param job with `samples`, `credits` and the fewest `accounts`
 * @returns the elementary operations of one part
 * @throws GlassboxError `COMPUTE_JOB_RANGE` for numbers that the program does not take, `COMPUTE_WORKLOAD_TOO_LARGE`.
 */
export function ensureRunnable(program: Program, job: JobNumbers): number {
  let partWork = 0;
  for (const section of SECTIONS) {
    const bytes = sum(program.tensors, (tensor) => (tensor.section === section ? bytesOf(tensor, job) : 0));
    ensureInput(
      bytes <= MAX_SECTION_BYTES,
      "COMPUTE_WORKLOAD_TOO_LARGE",
      `the tensors of ${section} take ${bytes} bytes, more than ${MAX_SECTION_BYTES}`,
    );
    const steps = section === "step" ? program.stepsPerPart : 1;
    const limit = section === "step" ? MAX_PART_WORK : MAX_SECTION_WORK;
    const work = steps * workOf(program, section, job);
    ensureInput(
      work <= limit,
      "COMPUTE_WORKLOAD_TOO_LARGE",
      `${section} takes ${work} elementary operations, more than ${limit}`,
    );
    if (section === "step") partWork = work;
  }
  return partWork;
}

/** What is given from outside is not allocated for the run. */
function bytesOf(tensor: TensorEntry, job: JobNumbers): number {
  return tensor.role === "computed" || tensor.role === "constant"
    ? elementsOf(tensor, job) * elementBytes(tensor.type)
    : 0;
}

function elementsOf(tensor: TensorEntry, job: JobNumbers): number {
  return resolveExtent(tensor.rowExtent, tensor.rows, job) * resolveExtent(tensor.columnExtent, tensor.columns, job);
}

function workOf(program: Program, section: Section, job: JobNumbers): number {
  const operations = program.operations.filter((operation) => operation.section === section);
  return sum(operations, (operation) => operationWork(program, operation, job));
}

/** Every element is written and every operand read once; a product reads its row for every element. */
function operationWork({ tensors }: Program, { name, output, operands }: OperationEntry, job: JobNumbers): number {
  const written = elementsOf(tensors[output] as TensorEntry, job);
  const [first] = operands.map((operand) => tensors[operand] as TensorEntry);
  if (name === "init") return (written / INIT_ELEMENTS_PER_HASH) * HASH_WORK;
  if (name === "matmul" || name === "accumulate") return written * Math.min(first?.columns ?? 1, CHUNK_ELEMENTS);
  if (name === "gather") return written;
  return written + sum(operands, (operand) => elementsOf(tensors[operand] as TensorEntry, job));
}

function sum<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
