import type { Hex } from "../core/bytes.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { encodeProgram, headBytes } from "./program-file.ts";
import type { Program } from "./program.ts";

/** What a chain takes to register a program. */
export interface ProgramRegistration {
  /** Header, tensor table and operation table, as they stand in the program's file. */
  readonly head: Uint8Array;
  /** The root of each constant's file, in table order. */
  readonly constantRoots: readonly Hex[];
}

/** The head of a program and the roots of its constants. */
export function programRegistration(program: Program): ProgramRegistration {
  const head = encodeProgram(program).subarray(0, headBytes(program.tensors.length, program.operations.length));
  const places = [...program.constants.keys()].sort((a, b) => a - b);
  return { head, constantRoots: places.map((place) => fileRoot(program.constants.get(place) as Uint8Array)) };
}
