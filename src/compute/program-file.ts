import { toHex, type Hex, LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput, ensureInvariant } from "../core/errors.ts";
import { tensorBytes, type ElementType } from "../core/tensor.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import {
  EXTENTS,
  OPERATIONS,
  ROLES,
  SECTIONS,
  type OperationEntry,
  type Program,
  type TensorEntry,
} from "./program.ts";

/*
 * The file of a program; docs/spec/compute.md is normative.
 * Entries are big-endian 32-byte words, eight to a leaf, so that a contract reads one with a load and shifts.
 */

const MAGIC = new TextEncoder().encode("GLASSBOX");
const VERSION = 1;
const WORD_BYTES = 32;
const WORDS_PER_LEAF = LEAF_BYTES / WORD_BYTES;
const NO_OPERAND = 0xffff;
const MAX_OPERANDS = 3;
/** Entries of a table: operands are 16 bits, and a contract reads the whole program once. */
export const MAX_ENTRIES = 1024;
/** Bytes of a program file. */
export const MAX_PROGRAM_BYTES = 2 ** 20;

const TYPES: readonly ElementType[] = ["i8", "u8", "i16", "i32", "i64"];

/** The file of a program. Constants must lie where {@link placeConstants} puts them. */
export function encodeProgram(program: Program): Uint8Array<ArrayBuffer> {
  const { tensors, operations } = program;
  const placement = placeConstants(program.tensors, operations.length);
  const file = new Uint8Array(placement.byteLength);
  const view = new DataView(file.buffer);
  file.set(MAGIC);
  view.setUint16(8, VERSION);
  view.setUint16(10, tensors.length);
  view.setUint16(12, operations.length);
  view.setUint8(14, program.parts);
  view.setUint32(16, program.batch);
  view.setUint32(20, program.stepsPerPart);
  tensors.forEach((tensor, index) => {
    writeTensor(new DataView(file.buffer, LEAF_BYTES + index * WORD_BYTES, WORD_BYTES), tensor);
  });
  const operationsAt = headBytes(tensors.length, 0);
  operations.forEach((operation, index) => {
    writeOperation(new DataView(file.buffer, operationsAt + index * WORD_BYTES, WORD_BYTES), operation);
  });
  for (const [tensor, firstLeaf] of placement.firstLeaves) {
    const constant = program.constants.get(tensor);
    ensureInvariant(constant !== undefined, "COMPUTE_CONSTANT_MISSING", `tensor ${tensor} has no constant`);
    file.set(constant, firstLeaf * LEAF_BYTES);
  }
  return file;
}

/**
 * Reads a program file. Only canonical files are read: encoding the result gives the same bytes.
 * What the program means is checked by `validateProgram`, not here.
 * @throws GlassboxError `COMPUTE_PROGRAM_MALFORMED` with the reason.
 */
export function decodeProgram(file: Uint8Array): Program {
  ensureFormat(
    file.length >= LEAF_BYTES && file.length <= MAX_PROGRAM_BYTES && file.length % LEAF_BYTES === 0,
    `expected whole leaves up to ${MAX_PROGRAM_BYTES} bytes, got ${file.length} bytes`,
  );
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  ensureFormat(toHex(file.subarray(0, 8)) === toHex(MAGIC), "the file does not start with GLASSBOX");
  ensureFormat(view.getUint16(8) === VERSION, `expected version ${VERSION}, got ${view.getUint16(8)}`);
  const tensorCount = view.getUint16(10);
  const operationCount = view.getUint16(12);
  const operationsAt = headBytes(tensorCount, 0);
  ensureFormat(
    tensorCount <= MAX_ENTRIES &&
      operationCount <= MAX_ENTRIES &&
      headBytes(tensorCount, operationCount) <= file.length,
    `tables of ${tensorCount} tensors and ${operationCount} operations do not fit`,
  );
  const word = (at: number): DataView => new DataView(file.buffer, file.byteOffset + at, WORD_BYTES);
  const tensors = Array.from({ length: tensorCount }, (_, index) => readTensor(word(LEAF_BYTES + index * WORD_BYTES)));
  const operations = Array.from({ length: operationCount }, (_, index) =>
    readOperation(word(operationsAt + index * WORD_BYTES)),
  );
  const placement = placeConstants(tensors, operationCount);
  ensureFormat(placement.byteLength === file.length, `expected ${placement.byteLength} bytes, got ${file.length}`);
  const constants = new Map<number, Uint8Array>();
  for (const [tensor, firstLeaf] of placement.firstLeaves) {
    const entry = tensors[tensor] as TensorEntry;
    const at = firstLeaf * LEAF_BYTES;
    constants.set(tensor, file.slice(at, at + tensorBytes(entry)));
  }
  const program: Program = {
    parts: view.getUint8(14),
    batch: view.getUint32(16),
    stepsPerPart: view.getUint32(20),
    tensors,
    operations,
    constants,
  };
  ensureFormat(Buffer.compare(encodeProgram(program), file) === 0, "a byte that must be zero is not");
  return program;
}

/** The hash that names a program: its file's root. */
export function programRoot(program: Program): Hex {
  return fileRoot(encodeProgram(program));
}

/** Where constants lie: after the tables in table order, each at the next multiple of its own size. */
export function placeConstants(
  tensors: readonly TensorEntry[],
  operationCount: number,
): { firstLeaves: Map<number, number>; byteLength: number } {
  let end = headBytes(tensors.length, operationCount);
  const firstLeaves = new Map<number, number>();
  tensors.forEach((tensor, index) => {
    if (tensor.role !== "constant") return;
    const size = tensorBytes(tensor);
    const at = Math.ceil(end / size) * size;
    firstLeaves.set(index, at / LEAF_BYTES);
    end = at + size;
    ensureFormat(end <= MAX_PROGRAM_BYTES, `constants end at byte ${end}, more than ${MAX_PROGRAM_BYTES}`);
  });
  return { firstLeaves, byteLength: end };
}

/** Bytes of header and tables. */
export function headBytes(tensorCount: number, operationCount: number): number {
  return LEAF_BYTES * (1 + tableLeaves(tensorCount) + tableLeaves(operationCount));
}

function tableLeaves(entries: number): number {
  return Math.ceil(entries / WORDS_PER_LEAF);
}

function writeTensor(word: DataView, tensor: TensorEntry): void {
  word.setUint8(0, TYPES.indexOf(tensor.type) + 1);
  word.setUint8(1, ROLES.indexOf(tensor.role));
  word.setUint16(2, tensor.index);
  word.setUint8(4, SECTIONS.indexOf(tensor.section));
  word.setUint8(5, tensor.output === undefined ? 0 : tensor.output + 1);
  word.setUint8(6, EXTENTS.indexOf(tensor.rowExtent));
  word.setUint8(7, EXTENTS.indexOf(tensor.columnExtent));
  word.setUint32(8, tensor.rows);
  word.setUint32(12, tensor.columns);
  word.setBigInt64(16, tensor.lowest);
  word.setBigInt64(24, tensor.highest);
}

function readTensor(word: DataView): TensorEntry {
  const output = word.getUint8(5);
  const rows = word.getUint32(8);
  const columns = word.getUint32(12);
  ensureFormat(
    rows >= 1 && rows <= 2 ** 26 && columns >= 1 && columns <= 2 ** 26 && rows * columns <= 2 ** 36,
    `a tensor of ${rows} x ${columns} is out of range`,
  );
  return {
    type: named(TYPES, word.getUint8(0) - 1, "element type"),
    role: named(ROLES, word.getUint8(1), "role"),
    index: word.getUint16(2),
    section: named(SECTIONS, word.getUint8(4), "section"),
    output: output === 0 ? undefined : output - 1,
    rowExtent: named(EXTENTS, word.getUint8(6), "extent"),
    columnExtent: named(EXTENTS, word.getUint8(7), "extent"),
    rows,
    columns,
    lowest: word.getBigInt64(16),
    highest: word.getBigInt64(24),
  };
}

function writeOperation(word: DataView, operation: OperationEntry): void {
  word.setUint8(0, OPERATIONS.indexOf(operation.name) + 1);
  word.setUint8(1, SECTIONS.indexOf(operation.section));
  word.setUint16(2, operation.output);
  for (let i = 0; i < MAX_OPERANDS; i++) word.setUint16(4 + 2 * i, operation.operands[i] ?? NO_OPERAND);
  word.setUint8(10, operation.shift);
  word.setUint32(12, operation.multiplier);
  word.setBigInt64(16, BigInt(operation.arguments[0]));
  word.setBigInt64(24, BigInt(operation.arguments[1]));
}

function readOperation(word: DataView): OperationEntry {
  const operands = Array.from({ length: MAX_OPERANDS }, (_, i) => word.getUint16(4 + 2 * i));
  const used = operands.findIndex((operand) => operand === NO_OPERAND);
  return {
    name: named(OPERATIONS, word.getUint8(0) - 1, "operation"),
    section: named(SECTIONS, word.getUint8(1), "section"),
    output: word.getUint16(2),
    operands: used === -1 ? operands : operands.slice(0, used),
    shift: word.getUint8(10),
    multiplier: word.getUint32(12),
    arguments: [readArgument(word, 16), readArgument(word, 24)],
  };
}

function readArgument(word: DataView, at: number): number {
  const value = Number(word.getBigInt64(at));
  ensureFormat(Number.isSafeInteger(value), `the argument ${value} is out of range`);
  return value;
}

function named<Name>(names: readonly Name[], code: number, what: string): Name {
  const name = names[code];
  ensureFormat(name !== undefined, `unknown ${what}`);
  return name;
}

function ensureFormat(condition: boolean, reason: string): asserts condition {
  ensureInput(condition, "COMPUTE_PROGRAM_MALFORMED", `not a program file: ${reason}`);
}
