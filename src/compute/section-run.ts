import { ensureInput, ensureInvariant } from "../core/errors.ts";
import { allocateElements, decodeTensor, type Elements } from "../core/tensor.ts";
import type { MemoryTensor, RunScope } from "./operation.ts";
import { INSTRUCTIONS } from "./operations.ts";
import { CHUNK_ELEMENTS, sectionOutputs, type Extent, type Program, type Role, type Section } from "./program.ts";

/** The numbers of a job that size its tensors, and its seed. What a section has no use for may be left out. */
export interface JobNumbers {
  readonly seed?: Uint8Array;
  readonly samples?: number;
  readonly accounts?: number;
  readonly credits?: number;
}

const SEED_BYTES = 32;

/** One section of a program in memory, for any number of runs. The program must have passed `validateProgram`. */
export class SectionRun {
  readonly #tensors = new Map<number, MemoryTensor>();
  readonly #actions: (() => void)[] = [];
  readonly #outputs: MemoryTensor[];
  readonly #scope: RunScope;

  /** @throws GlassboxError `COMPUTE_SECTION_MISSING`, or `COMPUTE_JOB_RANGE` for numbers the program does not allow. */
  constructor(program: Program, section: Section, job: JobNumbers = {}) {
    const seed = job.seed ?? new Uint8Array(SEED_BYTES);
    ensureInput(seed.length === SEED_BYTES, "COMPUTE_JOB_RANGE", `a seed has ${SEED_BYTES} bytes, got ${seed.length}`);
    this.#scope = { seed, samples: job.samples ?? 0, position: 0 };
    program.tensors.forEach((entry, index) => {
      if (entry.section !== section) return;
      const rows = resolveExtent(entry.rowExtent, entry.rows, job);
      const columns = resolveExtent(entry.columnExtent, entry.columns, job);
      const constant = program.constants.get(index);
      const count = entry.role === "computed" ? rows * columns : 0;
      const elements = constant === undefined ? allocateElements(entry.type, count) : decodeTensor(entry, constant);
      this.#tensors.set(index, { entry, rows, columns, stride: columns, elements });
    });
    for (const operation of program.operations) {
      if (operation.section !== section) continue;
      this.#actions.push(
        INSTRUCTIONS[operation.name].bind({
          operation,
          output: this.#at(operation.output),
          operands: operation.operands.map((operand) => this.#at(operand)),
          scope: this.#scope,
        }),
      );
    }
    ensureInput(this.#actions.length > 0, "COMPUTE_SECTION_MISSING", `the program has no section ${section}`);
    this.#outputs = sectionOutputs(program, section).map((index) => this.#at(index));
  }

  /**
   * Gives the elements of a tensor from outside; they are read in place, so they must not change during runs.
   * @param stride Elements from row to row, if rows are padded.
   * @throws GlassboxError `COMPUTE_INPUT_MISMATCH` for another type or length.
   */
  give(role: Role, index: number, elements: Elements, stride?: number): void {
    for (const tensor of this.#tensors.values()) {
      if (tensor.entry.role !== role || tensor.entry.index !== index) continue;
      const step = stride ?? tensor.columns;
      const needed = (tensor.rows - 1) * step + tensor.columns;
      ensureInput(
        elements.constructor === tensor.elements.constructor && elements.length >= needed && step >= tensor.columns,
        "COMPUTE_INPUT_MISMATCH",
        `${role} ${index} takes ${needed} ${tensor.entry.type} elements, got ${elements.length} in ${elements.constructor.name}`,
      );
      tensor.elements = elements;
      tensor.stride = step;
    }
  }

  /** Runs the section once; a step's samples start at `position` of the job's sequence. */
  run(position = 0): void {
    this.#scope.position = position;
    for (const action of this.#actions) action();
  }

  /** The elements of an output. The next run overwrites them. */
  output(slot: number): Elements {
    const tensor = this.#outputs[slot];
    ensureInvariant(tensor !== undefined, "COMPUTE_OUTPUT_MISSING", `output ${slot} does not exist`);
    return tensor.elements;
  }

  /** The elements of any tensor of the section, by its place in the program. */
  tensor(index: number): Elements {
    return this.#at(index).elements;
  }

  #at(index: number): MemoryTensor {
    const tensor = this.#tensors.get(index);
    ensureInvariant(tensor !== undefined, "COMPUTE_TENSOR_MISSING", `tensor ${index} is of another section`);
    return tensor;
  }
}

/**
 * The size of a dimension in a job.
 * @throws GlassboxError `COMPUTE_JOB_RANGE` if the program does not take the job's number.
 */
export function resolveExtent(extent: Extent, limit: number, job: JobNumbers): number {
  const size = sizeOf(extent, limit, job);
  ensureInput(
    Number.isInteger(size) && size >= 1 && size <= limit,
    "COMPUTE_JOB_RANGE",
    `the program takes 1 to ${limit} ${extent}, got ${size}`,
  );
  return size;
}

function sizeOf(extent: Extent, limit: number, job: JobNumbers): number {
  switch (extent) {
    case "static":
      return limit;
    case "samples":
    case "accounts":
    case "credits":
      return job[extent] ?? 0;
    case "sampleChunks":
      return Math.ceil((job.samples ?? 0) / CHUNK_ELEMENTS);
    case "accountChunks":
      return Math.ceil((job.accounts ?? 0) / CHUNK_ELEMENTS);
    case "creditChunks":
      return Math.ceil((job.credits ?? 0) / CHUNK_ELEMENTS);
  }
}
