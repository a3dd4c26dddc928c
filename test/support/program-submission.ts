import { LEAF_BYTES, type Hex } from "../../src/core/bytes.ts";
import { tensorBytes, type ElementType } from "../../src/core/tensor.ts";
import { expTableFile } from "../../src/compute/exp-table.ts";
import { encodeProgram, MAX_PROGRAM_BYTES, programRoot } from "../../src/compute/program-file.ts";
import { programRegistration } from "../../src/compute/program-registration.ts";
import type { Program } from "../../src/compute/program.ts";
import { loadProgram } from "../../src/compute/validate.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import { errorCodeOf } from "./error-code.ts";

const TYPES: readonly ElementType[] = ["i8", "u8", "i16", "i32", "i64"];
const CONSTANT = 1;

/** What is to be registered: any bytes as a head, with files for the constants that it says it has. */
export interface Submission {
  readonly head: Uint8Array;
  readonly constants: readonly Uint8Array[];
}

/** The submission of a program, valid or not. */
export function submissionOf(program: Program): Submission {
  const { head } = programRegistration(program);
  const places = [...program.constants.keys()].sort((a, b) => a - b);
  return { head: Uint8Array.from(head), constants: places.map((place) => program.constants.get(place) as Uint8Array) };
}

/** A head of any bytes, and for each constant that it declares a file of that size: the table of exponentials where it fits. */
export function submissionOfHead(head: Uint8Array): Submission {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const declared = head.length < 16 ? 0 : view.getUint16(10);
  const constants: Uint8Array[] = [];
  for (let at = LEAF_BYTES; at + 32 <= head.length && at < LEAF_BYTES + 32 * declared; at += 32) {
    if (view.getUint8(at + 1) !== CONSTANT) continue;
    const type = TYPES[view.getUint8(at) - 1] ?? "i8";
    const size = tensorBytes({ type, rows: view.getUint32(at + 8) || 1, columns: view.getUint32(at + 12) || 1 });
    const table = expTableFile();
    const isTable = size === table.length && type === "i32";
    constants.push(isTable ? table : new Uint8Array(Math.min(size, MAX_PROGRAM_BYTES)).fill(0xc5));
  }
  return { head, constants };
}

/** The file that a submission stands for: constants at the next multiples of their sizes. */
function fileOf({ head, constants }: Submission): Uint8Array {
  let end = head.length;
  const starts = constants.map((constant) => {
    const start = Math.ceil(end / constant.length) * constant.length;
    end = start + constant.length;
    return start;
  });
  const file = new Uint8Array(end);
  file.set(head);
  constants.forEach((constant, index) => {
    file.set(constant, starts[index]);
  });
  return file;
}

/** What TypeScript says: the program's root, or why it is none. */
export function judge(submission: Submission): { readonly root?: Hex; readonly code: string } {
  let root: Hex | undefined;
  const code = errorCodeOf(() => {
    const program = loadProgram(fileOf(submission));
    // The same file may be cut into head and constants at another place.
    if (encodesTo(program, submission.head)) root = programRoot(program);
  });
  if (root !== undefined) return { root, code };
  return { code: code === "none" ? "COMPUTE_PROGRAM_MALFORMED" : code };
}

/** The roots that the chain takes for the constants. */
export function constantRootsOf(submission: Submission): Hex[] {
  return submission.constants.map((constant) => knownRoot(constant));
}

function encodesTo(program: Program, head: Uint8Array): boolean {
  const { head: own } = programRegistration(program);
  return Buffer.compare(own, head) === 0 && encodeProgram(program).length >= head.length;
}

const roots = new Map<string, Hex>();

function knownRoot(file: Uint8Array): Hex {
  const key = `${file.length}:${Buffer.from(file.subarray(0, 64)).toString("hex")}`;
  const known = roots.get(key) ?? fileRoot(file);
  roots.set(key, known);
  return known;
}
