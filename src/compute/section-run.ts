import { ensureInput, ensureInvariant } from "../core/errors.ts";
import type { Elements } from "../core/tensor.ts";
import type { MemoryTensor, OperationBinding, RunScope } from "./operation.ts";
import { INSTRUCTIONS } from "./operations.ts";
import { CHUNK_ELEMENTS, sectionOutputs, type Extent, type Program, type Role, type Section } from "./program.ts";
import { allocateSection, copyElements, type SizedTensor } from "./section-memory.ts";
import type { Faces } from "./section-plan.ts";

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
  readonly #tensors: ReadonlyMap<number, MemoryTensor>;
  readonly #actions: readonly (() => void)[];
  readonly #outputs: readonly MemoryTensor[];
  readonly #scope: RunScope;

  /** @throws GlassboxError `COMPUTE_SECTION_MISSING`, or `COMPUTE_JOB_RANGE` for numbers the program does not allow. */
  constructor(program: Program, section: Section, job: JobNumbers = {}, faces: Faces = "fused") {
    const seed = job.seed ?? new Uint8Array(SEED_BYTES);
    ensureInput(seed.length === SEED_BYTES, "COMPUTE_JOB_RANGE", `a seed has ${SEED_BYTES} bytes, got ${seed.length}`);
    this.#scope = { seed, samples: job.samples ?? 0, position: 0 };
    const sized = new Map<number, SizedTensor>();
    program.tensors.forEach((entry, index) => {
      if (entry.section !== section) return;
      const rows = resolveExtent(entry.rowExtent, entry.rows, job);
      const columns = resolveExtent(entry.columnExtent, entry.columns, job);
      sized.set(index, { entry, rows, columns });
    });
    const { plan, tensors, kernels } = allocateSection(program, section, sized, faces);
    ensureInput(plan.length > 0, "COMPUTE_SECTION_MISSING", `the program has no section ${section}`);
    this.#tensors = tensors;
    this.#actions = plan.map(({ operation, output, operands, kernel }) => {
      const binding: OperationBinding = {
        operation,
        output: this.#at(output),
        operands: operands.map((operand) => this.#at(operand)),
        scope: this.#scope,
      };
      return kernel && kernels
        ? kernel.bind(binding, kernels.functions, kernels.scratch)
        : INSTRUCTIONS[operation.name].bind(binding);
    });
    this.#outputs = sectionOutputs(program, section).map((index) => this.#at(index));
  }

  /**
   * Gives the elements of a tensor from outside. Tensors of a job's size are read in place, so they must not change during runs; others are copied.
   * @param stride Elements from row to row, if rows are padded: of samples and labels alone.
   * @throws GlassboxError `COMPUTE_INPUT_MISMATCH` for another type or length.
   */
  give(role: Role, index: number, elements: Elements, stride?: number): void {
    for (const tensor of this.#given(role, index)) {
      const step = stride ?? tensor.columns;
      const needed = (tensor.rows - 1) * step + tensor.columns;
      ensureInput(
        elements.constructor === tensor.elements.constructor && elements.length >= needed && step >= tensor.columns,
        "COMPUTE_INPUT_MISMATCH",
        `${role} ${index} takes ${needed} ${tensor.entry.type} elements, got ${elements.length} in ${elements.constructor.name}`,
      );
      if (tensor.isResident) {
        copyElements(elements.subarray(0, needed), tensor.elements);
      } else {
        tensor.elements = elements;
        tensor.stride = step;
      }
    }
  }

  /**
   * Runs the section once; a step's samples start at `position` of the job's sequence.
   * @param after is called after each action, which is an operation of the section in order unless faces are fused.
   */
  run(position = 0, after?: (action: number) => void): void {
    this.#scope.position = position;
    this.#actions.forEach((action, index) => {
      action();
      after?.(index);
    });
  }

  /** Gives the outputs of the last run as weights to the next one. */
  carry(): void {
    this.#outputs.forEach((output, slot) => {
      for (const tensor of this.#given("weights", slot)) {
        if (tensor.isResident) copyElements(output.elements, tensor.elements);
        else tensor.elements = output.elements.slice();
      }
    });
  }

  /** The elements of an output. The next run overwrites them. */
  output(slot: number): Elements {
    const tensor = this.#outputs[slot];
    ensureInvariant(tensor !== undefined, "COMPUTE_OUTPUT_MISSING", `output ${slot} does not exist`);
    return tensor.elements;
  }

  /** The elements of any tensor of the section, by its place in the program. A fused run lacks those between fused operations. */
  tensor(index: number): Elements {
    return this.#at(index).elements;
  }

  #given(role: Role, index: number): MemoryTensor[] {
    return [...this.#tensors.values()].filter(({ entry }) => entry.role === role && entry.index === index);
  }

  #at(index: number): MemoryTensor {
    const tensor = this.#tensors.get(index);
    ensureInvariant(tensor !== undefined, "COMPUTE_TENSOR_MISSING", `tensor ${index} is not of this run`);
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
