import { setImmediate as breathe } from "node:timers/promises";

import { fromHex, toHex, type Hex } from "../../core/bytes.ts";
import { ensureInput, ensureInvariant } from "../../core/errors.ts";
import { encodeTensor, nextPowerOfTwo, tensorSetLayout, type Elements } from "../../core/tensor.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import { merkleLevels, topOf, type MerkleLevels } from "../../crypto/merkle.ts";
import { zeroRoot } from "../../crypto/zero-tree.ts";
import { sectionOutputs, weightsShapes, type OperationEntry, type TensorEntry } from "../program.ts";
import type { SectionRun } from "../section-run.ts";
import { numbersOf, operationsOf, recordSlots, shapeOf, stepsOf, type Execution } from "./execution.ts";
import { giveWeights, prepareRun } from "./execution-run.ts";

const ROOTS_PER_LEAF = 8;

/** What an operation has just written. */
export interface Written {
  readonly step: number;
  /** Place of the operation in its section. */
  readonly operation: number;
  readonly tensor: TensorEntry;
  readonly elements: Elements;
  /** The run, for all other tensors. */
  readonly run: SectionRun;
}

/**
 * Meddles with what an operation wrote: it may change the elements, which later operations then read, or return other bytes to be
 * committed to. Without it, an execution is what its program says.
 */
export type Meddling = (written: Written) => Uint8Array | undefined;

/** One step of an execution, with all bytes that its record commits to. */
export interface StepFiles {
  /** The record: a root list. */
  readonly record: Uint8Array;
  /** The file of the tensor that each operation wrote. */
  readonly tensors: readonly Uint8Array[];
  /** The weights file that the step starts from, if it reads weights. */
  readonly start: Uint8Array | undefined;
  /** The record of the step before, if there is one. */
  readonly recordBefore: Uint8Array | undefined;
  /** The file behind the record's last root. */
  readonly state: Uint8Array;
}

/** The step that was asked for last. */
interface NewestStep {
  readonly step: number;
  readonly files: StepFiles;
}

/** How a detail is made. */
export interface DetailOptions {
  readonly meddling?: Meddling;
  readonly signal?: AbortSignal;
}

/**
 * The detail file of an execution: a record for each step. Only the records' roots are kept; everything below is computed again when
 * it is asked for, the step asked for last excepted.
 */
export class Detail {
  readonly execution: Execution;
  readonly root: Hex;
  /** Roots of a record. */
  readonly slots: number;
  /** The tree over the records' roots: level 0 has a node for each step, zero records included. */
  readonly levels: MerkleLevels;
  readonly #runner: StepRunner;
  #newest: NewestStep | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(execution: Execution, levels: MerkleLevels, runner: StepRunner, newest?: NewestStep) {
    this.execution = execution;
    this.#newest = newest;
    this.levels = levels;
    this.root = toHex(topOf(levels));
    this.slots = runner.slots;
    this.#runner = runner;
  }

  /** Runs an execution and commits to all of it. */
  static async compute(execution: Execution, { meddling, signal }: DetailOptions = {}): Promise<Detail> {
    const runner = new StepRunner(execution, meddling);
    const steps = stepsOf(execution);
    const roots = new Uint8Array(nextPowerOfTwo(steps) * HASH_BYTES);
    let before: Uint8Array[] | undefined;
    let files: StepFiles | undefined;
    for (let step = 0; step < steps; step++) {
      await breathe(undefined, { signal });
      const tensors = runner.run(step);
      const record = runner.recordOf(tensors);
      roots.set(rootOf(record), step * HASH_BYTES);
      if (step === steps - 1) files = runner.filesOf(tensors, record, before);
      before = tensors;
    }
    ensureInvariant(files !== undefined, "COMPUTE_STEPS_MISSING", "an execution has at least one step");
    const zeroRecord = zeroRoot(Math.log2(runner.slots / ROOTS_PER_LEAF));
    for (let step = steps; step < roots.length / HASH_BYTES; step++) roots.set(zeroRecord, step * HASH_BYTES);
    return new Detail(execution, merkleLevels(roots), runner, { step: steps - 1, files });
  }

  /** The detail of an execution that was committed to before, without running it: `levels` as they were then. */
  static resume(execution: Execution, levels: MerkleLevels, { meddling }: DetailOptions = {}): Detail {
    return new Detail(execution, levels, new StepRunner(execution, meddling));
  }

  /** Levels from the root down to a record. */
  get height(): number {
    return this.levels.length - 1;
  }

  /** All that one step wrote. Runs the steps up to it, unless it was asked for last. */
  step(step: number, signal?: AbortSignal): Promise<StepFiles> {
    const steps = stepsOf(this.execution);
    const isThere = Number.isInteger(step) && step >= 0 && step < steps;
    // The steps are run in one memory, so whoever asks meanwhile waits.
    const files = this.#tail.then(() => {
      ensureInput(isThere, "COMPUTE_STEP_RANGE", `step ${step} of ${steps} does not exist`);
      return this.#filesOf(step, signal);
    });
    this.#tail = files.catch(() => undefined);
    return files;
  }

  async #filesOf(step: number, signal: AbortSignal | undefined): Promise<StepFiles> {
    if (this.#newest?.step === step) return this.#newest.files;
    let before: readonly Uint8Array[] | undefined;
    for (let earlier = 0; earlier < step; earlier++) {
      await breathe(undefined, { signal });
      before = this.#runner.run(earlier, earlier === step - 1);
    }
    const tensors = this.#runner.run(step);
    const files = this.#runner.filesOf(tensors, this.#runner.recordOf(tensors), before);
    this.#newest = { step, files };
    return files;
  }

  /** The file of the tensor that an operation of a step wrote. */
  async tensor(step: number, operation: number, signal?: AbortSignal): Promise<Uint8Array> {
    const file = (await this.step(step, signal)).tensors[operation];
    ensureInvariant(file !== undefined, "COMPUTE_OPERATION_MISSING", `operation ${operation} does not exist`);
    return file;
  }

  /** The file that the execution gives out. */
  async output(signal?: AbortSignal): Promise<Uint8Array> {
    return (await this.step(stepsOf(this.execution) - 1, signal)).state;
  }
}

/** Runs the steps of an execution in order, and again from the first one. */
class StepRunner {
  readonly slots: number;
  readonly #execution: Execution;
  readonly #operations: readonly OperationEntry[];
  readonly #meddling: Meddling | undefined;
  readonly #run: SectionRun;

  constructor(execution: Execution, meddling: Meddling | undefined) {
    const { program, section } = execution;
    this.slots = recordSlots(program, section);
    this.#execution = execution;
    this.#operations = operationsOf(program, section);
    this.#meddling = meddling;
    this.#run = prepareRun(execution);
  }

  /** Runs a step after the one before, or the first one; gives the files of what its operations wrote, if they are wanted. */
  run(step: number, isWanted = true): Uint8Array[] {
    const { program, position, weights } = this.#execution;
    if (step > 0) this.#run.carry();
    else if (weights !== undefined) giveWeights(this.#execution, this.#run, weights);
    const files: Uint8Array[] = [];
    this.#run.run(position + step * program.batch, (operation) => {
      const index = this.#operations[operation]?.output ?? -1;
      const tensor = program.tensors[index] as TensorEntry;
      const elements = this.#run.tensor(index);
      const other = this.#meddling?.({ step, operation, tensor, elements, run: this.#run });
      if (isWanted) files.push(other ?? encodeTensor(shapeOf(tensor, numbersOf(this.#execution)), elements));
    });
    return files;
  }

  /** All that a step wrote, and what it started from. */
  filesOf(tensors: readonly Uint8Array[], record: Uint8Array, before: readonly Uint8Array[] | undefined): StepFiles {
    return {
      record,
      tensors,
      start: before === undefined ? this.#execution.weights : this.stateOf(before),
      recordBefore: before === undefined ? undefined : this.recordOf(before),
      state: this.stateOf(tensors),
    };
  }

  /** The file that a step leaves: the weights, or the section's only output. */
  stateOf(tensors: readonly Uint8Array[]): Uint8Array {
    const { program, section } = this.#execution;
    const outputs = sectionOutputs(program, section).map((index) => this.#fileOf(tensors, index));
    if (section === "infer" || section === "allocate") return outputs[0] as Uint8Array;
    const layout = tensorSetLayout(weightsShapes(program));
    const file = new Uint8Array(layout.byteLength);
    outputs.forEach((output, slot) => {
      file.set(output, layout.offsets[slot]);
    });
    return file;
  }

  recordOf(tensors: readonly Uint8Array[]): Uint8Array {
    const record = new Uint8Array(this.slots * HASH_BYTES);
    tensors.forEach((file, operation) => {
      record.set(rootOf(file), operation * HASH_BYTES);
    });
    record.set(rootOf(this.stateOf(tensors)), (this.slots - 1) * HASH_BYTES);
    return record;
  }

  #fileOf(tensors: readonly Uint8Array[], index: number): Uint8Array {
    const file = tensors[this.#operations.findIndex(({ output }) => output === index)];
    ensureInvariant(file !== undefined, "COMPUTE_OUTPUT_MISSING", `no operation of the section writes tensor ${index}`);
    return file;
  }
}

function rootOf(file: Uint8Array): Uint8Array {
  return fromHex(fileRoot(file), HASH_BYTES);
}
