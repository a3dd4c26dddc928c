import { LEAF_BYTES, toHex, type Hex } from "../../core/bytes.ts";
import { ensureInvariant } from "../../core/errors.ts";
import { elementBytes, elementOffset, tensorSetLayout, type TensorShape } from "../../core/tensor.ts";
import { leafAt } from "../../crypto/file-tree.ts";
import { encodeProgram } from "../program-file.ts";
import { weightsShapes, type TensorEntry } from "../program.ts";
import type { StepFiles } from "./detail.ts";
import { readsOf, type Read } from "./element-reads.ts";
import { numbersOf, operationsOf, shapeOf, type Execution } from "./execution.ts";
import { fileLevels, KnownTree } from "./known-tree.ts";

/** What an element reads from one operand, as the judge takes it; see `Operand` in IOneStepVerifier.sol. */
export interface OperandOpening {
  readonly run: Hex;
  readonly siblings: Hex[];
  readonly rootLeaf: Hex;
  readonly rootSiblings: Hex[];
}

/** Where an element lies that is to be judged. */
export interface ElementPlace {
  readonly step: number;
  /** Place of the operation in its section. */
  readonly operation: number;
  /** Leaf of the tensor, and element of the leaf. */
  readonly leaf: number;
  readonly element: number;
}

/** What is known of an author's commitments around an element: everything before it as in one's own files. */
export interface KnownExecution {
  readonly execution: Execution;
  /** One's own files of the step, which are the author's too as far as they come before the element. */
  readonly files: StepFiles;
  /** The author's tree over the records of all steps. */
  readonly detail: KnownTree;
  /** The author's record of the step. */
  readonly record: Uint8Array;
  /** The author's tensor as far as it was shown: its tree, and one's own bytes but for those that were shown. */
  readonly tensor: { readonly tree: KnownTree; readonly bytes: Uint8Array };
  /** The author's trace: its tree, and leaf by leaf. Of an average. */
  readonly trace?: { readonly tree: KnownTree; leaf(index: number): Uint8Array; readonly endSlot: number };
}

/** A file to open a run of, and the way from its root to one that the judge knows. */
interface OperandFile {
  readonly bytes: Uint8Array;
  readonly tree: KnownTree;
  /** Byte of the file at which the tensor begins. */
  readonly offset: number;
  readonly rootLeaf: Uint8Array;
  readonly rootSiblings: Hex[];
}

const ROOT_BYTES = 32;
const ROOTS_PER_LEAF = LEAF_BYTES / ROOT_BYTES;
const KNOWN_ROOT = { rootLeaf: new Uint8Array(), rootSiblings: [] };

/** The openings of everything that an element reads, in the order in which the judge wants them. */
export function openOperands(known: KnownExecution, place: ElementPlace): OperandOpening[] {
  const { program, section, position, seed, allocation } = known.execution;
  const operation = operationsOf(program, section)[place.operation];
  ensureInvariant(operation !== undefined, "COMPUTE_OPERATION_MISSING", `operation ${place.operation} does not exist`);
  const numbers = numbersOf(known.execution);
  const entryOf = (index: number): TensorEntry => program.tensors[index] as TensorEntry;
  const output = shapeOf(entryOf(operation.output), numbers);
  const operands = operation.operands.map((index) => shapeOf(entryOf(index), numbers));
  const at = elementAt(output, place);
  if (at === undefined) return [];
  const reads = readsOf({
    operation,
    ...at,
    output,
    operands,
    seed,
    samples: numbers.samples ?? 0,
    position: position + place.step * program.batch,
    terms: allocation?.terms ?? new BigInt64Array(8),
  });
  // The judge knows the terms.
  const isShown = ({ operand = -1 }: Read): boolean =>
    program.tensors[operation.operands[operand] ?? -1]?.role !== "terms";
  return reads.filter(isShown).map((read) => {
    const index = read.operand === undefined ? operation.output : operation.operands[read.operand];
    const shape = read.operand === undefined ? output : operands[read.operand];
    const file =
      read.operand === undefined
        ? { ...known.tensor, offset: 0, ...KNOWN_ROOT }
        : fileOf(known, place, index ?? -1, entryOf(index ?? -1));
    return openRun(file, shape as TensorShape, read);
  });
}

/** The row and column of an element of a leaf, unless it lies in the padding. */
function elementAt(shape: TensorShape, { leaf, element }: ElementPlace): { row: number; column: number } | undefined {
  const size = elementBytes(shape.type);
  const stride = elementOffset(shape, 1, 0);
  const at = leaf * LEAF_BYTES + element * size;
  const row = Math.floor(at / stride);
  const column = (at % stride) / size;
  return row < shape.rows && column < shape.columns ? { row, column } : undefined;
}

/** The least run of leaves that holds a range, with its way up. */
function openRun(
  { bytes, tree, offset, rootLeaf, rootSiblings }: OperandFile,
  shape: TensorShape,
  read: Read,
): OperandOpening {
  const first = Math.floor((offset + elementOffset(shape, ...read.from)) / LEAF_BYTES);
  const last = Math.floor((offset + elementOffset(shape, ...read.to)) / LEAF_BYTES);
  let height = 0;
  while (Math.floor(first / 2 ** height) !== Math.floor(last / 2 ** height)) height++;
  const index = Math.floor(first / 2 ** height);
  const run = new Uint8Array(LEAF_BYTES * 2 ** height);
  const start = index * run.length;
  run.set(bytes.subarray(start, start + run.length));
  return {
    run: toHex(run),
    siblings: tree.siblings(height, index),
    rootLeaf: toHex(rootLeaf),
    rootSiblings,
  };
}

function fileOf(known: KnownExecution, { step }: ElementPlace, index: number, entry: TensorEntry): OperandFile {
  const { execution, files } = known;
  const { program, section, data, ends, query, allocation } = execution;
  switch (entry.role) {
    case "computed": {
      const operation = operationsOf(program, section).findIndex(({ output }) => output === index);
      return { ...wholeFile(files.tensors[operation]), ...openRoot(known.record, operation) };
    }
    case "weights": {
      const file = { ...wholeFile(files.start), offset: slotOffset(execution, entry.index) };
      return section === "step" && step > 0 ? { ...file, ...stateBefore(known, step) } : file;
    }
    case "partWeights": {
      const part = entry.index >> 8;
      const file = { ...wholeFile(ends?.[part]), offset: slotOffset(execution, entry.index & 0xff) };
      return { ...file, ...inTrace(known, part) };
    }
    case "constant":
      return { ...wholeFile(encodeProgram(program)), offset: entry.index * LEAF_BYTES };
    case "samples":
    case "labels":
      return wholeFile(data?.[entry.role]);
    case "query":
      return wholeFile(query);
    case "records":
    case "credits":
      return wholeFile(allocation?.[entry.role]);
    case "terms":
      return wholeFile(undefined);
  }
}

function wholeFile(bytes: Uint8Array | undefined): OperandFile {
  ensureInvariant(bytes !== undefined, "COMPUTE_OPERAND_MISSING", "the execution lacks a file that it reads");
  const levels = fileLevels(bytes);
  return { bytes, tree: new KnownTree((levels[0]?.length ?? 0) / ROOT_BYTES, levels), offset: 0, ...KNOWN_ROOT };
}

function slotOffset({ program }: Execution, slot: number): number {
  return tensorSetLayout(weightsShapes(program)).offsets[slot] ?? 0;
}

type RootOpening = Pick<OperandFile, "rootLeaf" | "rootSiblings">;

/** The root of the weights that a step starts from is the last one of the record before. */
function stateBefore({ detail, files: { recordBefore } }: KnownExecution, step: number): RootOpening {
  ensureInvariant(recordBefore !== undefined, "COMPUTE_OPERAND_MISSING", "a step reads what the one before left");
  const { rootLeaf, rootSiblings } = openRoot(recordBefore, recordBefore.length / ROOT_BYTES - 1);
  return { rootLeaf, rootSiblings: [...rootSiblings, ...detail.siblings(0, step - 1)] };
}

function inTrace({ trace }: KnownExecution, part: number): RootOpening {
  ensureInvariant(trace !== undefined, "COMPUTE_OPERAND_MISSING", "an average reads what its trace names");
  const leaf = Math.floor((trace.endSlot + part) / ROOTS_PER_LEAF);
  return { rootLeaf: trace.leaf(leaf), rootSiblings: trace.tree.siblings(0, leaf) };
}

/** Opens a root of a root list by its leaf. */
export function openRoot(list: Uint8Array, slot: number): { rootLeaf: Uint8Array; rootSiblings: Hex[] } {
  const leaf = Math.floor(slot / ROOTS_PER_LEAF);
  const levels = fileLevels(list);
  return {
    rootLeaf: leafAt(list, leaf),
    rootSiblings: new KnownTree((levels[0]?.length ?? 0) / ROOT_BYTES, levels).siblings(0, leaf),
  };
}
