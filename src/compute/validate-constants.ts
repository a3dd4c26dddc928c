import { ensureInput } from "../core/errors.ts";
import { tensorBytes } from "../core/tensor.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { TYPE_RANGES } from "./checks.ts";
import { EXP_TABLE_BOUNDS, EXP_TABLE_LENGTH, EXP_TABLE_ROOT } from "./exp-table.ts";
import { located } from "./located.ts";
import { placeConstants } from "./program-file.ts";
import type { Program, TensorEntry } from "./program.ts";

/**
 * Checks that constants are there, in their places, and that their bounds hold whatever their bytes are: a chain knows no more than
 * their roots. Only the table of `softmaxGradient`, which its root tells, has narrower bounds.
 */
export function ensureConstants(program: Program): void {
  const { firstLeaves } = placeConstants(program.tensors, program.operations.length);
  ensureInput(
    firstLeaves.size === program.constants.size,
    "COMPUTE_CONSTANT_INVALID",
    `expected ${firstLeaves.size} constants, got ${program.constants.size}`,
  );
  for (const [index, firstLeaf] of firstLeaves) {
    located(`tensor ${index}`, () => {
      ensureConstant(program.tensors[index] as TensorEntry, program.constants.get(index), firstLeaf);
    });
  }
}

function ensureConstant(entry: TensorEntry, file: Uint8Array | undefined, firstLeaf: number): void {
  ensureInput(
    file !== undefined && entry.index === firstLeaf && file.length === tensorBytes(entry),
    "COMPUTE_CONSTANT_INVALID",
    `expected a constant of ${tensorBytes(entry)} bytes at leaf ${firstLeaf}, got ${file?.length} at ${entry.index}`,
  );
  const isTable =
    entry.type === "i32" && entry.rows === 1 && entry.columns === EXP_TABLE_LENGTH && fileRoot(file) === EXP_TABLE_ROOT;
  const [lowest, highest] = isTable ? EXP_TABLE_BOUNDS : TYPE_RANGES[entry.type];
  ensureInput(
    entry.lowest === lowest && entry.highest === highest,
    "COMPUTE_BOUNDS_MISMATCH",
    `the constant's bounds are ${lowest}..${highest}, got ${entry.lowest}..${entry.highest}`,
  );
}
