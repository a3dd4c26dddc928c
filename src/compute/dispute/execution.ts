import { nextPowerOfTwo, type TensorShape } from "../../core/tensor.ts";
import type { OperationEntry, Program, Section, TensorEntry } from "../program.ts";
import { resolveExtent, type JobNumbers } from "../section-run.ts";
import { TERMS } from "../terms.ts";
import type { TrainingData } from "../training.ts";

/**
 * An execution: one run of a section of a program, with everything that determines its bits; docs/spec/compute.md, "Detail file".
 * A step is run `stepsPerPart` times, every other section once.
 */
export interface Execution {
  /** A program that passed `validateProgram`. */
  readonly program: Program;
  readonly section: Section;
  /** 32 bytes; for init and step. */
  readonly seed: Uint8Array;
  /** Of a step: place of step 0's first sample in the job's sequence. */
  readonly position: number;
  /** Of a step. */
  readonly data?: TrainingData;
  /** Of a step and of inference: the weights file at the start. */
  readonly weights?: Uint8Array;
  /** Of an average: the weights files that the round's parts end with. */
  readonly ends?: readonly Uint8Array[];
  /** Of inference: the file of the query. */
  readonly query?: Uint8Array;
  /** Of an allocation. */
  readonly allocation?: {
    readonly records: Uint8Array;
    /** The credits file. */
    readonly credits: Uint8Array;
    readonly terms: BigInt64Array;
    readonly accounts: number;
  };
}

/** The execution of an answer: the program's inference with weights, on a query, each a file. */
export function answerExecution(program: Program, weights: Uint8Array, query: Uint8Array): Execution {
  return { program, section: "infer", seed: new Uint8Array(32), position: 0, weights, query };
}

/** Roots of a record at least: one leaf. */
const MIN_SLOTS = 8;

/** The operations of a section, in order. */
export function operationsOf({ operations }: Program, section: Section): OperationEntry[] {
  return operations.filter((operation) => operation.section === section);
}

/** How often an execution runs its section. */
export function stepsOf({ program, section }: Pick<Execution, "program" | "section">): number {
  return section === "step" ? program.stepsPerPart : 1;
}

/** Roots of a record of a section: one for each operation, and the state in the last one. */
export function recordSlots(program: Program, section: Section): number {
  return Math.max(MIN_SLOTS, nextPowerOfTwo(operationsOf(program, section).length + 1));
}

/** The numbers of the job that size an execution's tensors. */
export function numbersOf({ seed, data, allocation }: Execution): JobNumbers {
  if (allocation === undefined) return { seed, samples: data?.count ?? 0 };
  const samples = Number(allocation.terms[TERMS.samples]);
  return { seed, samples, credits: Number(allocation.terms[TERMS.credits]), accounts: allocation.accounts };
}

/** Type and shape of a tensor in a job. */
export function shapeOf(entry: TensorEntry, numbers: JobNumbers): TensorShape {
  return {
    type: entry.type,
    rows: resolveExtent(entry.rowExtent, entry.rows, numbers),
    columns: resolveExtent(entry.columnExtent, entry.columns, numbers),
  };
}
