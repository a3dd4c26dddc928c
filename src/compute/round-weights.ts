import { ensureInput } from "../core/errors.ts";
import { nextPowerOfTwo } from "../core/tensor.ts";
import type { Program } from "./program.ts";
import { weightsBytes } from "./weights.ts";

/**
 * The rounds file: the weights file that each round starts from, in order, each at a multiple of the least power of two that holds one.
 * @throws GlassboxError `COMPUTE_ROUNDS_MALFORMED` for no rounds or a weights file of another length.
 */
export function encodeRounds(program: Program, starts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = weightsBytes(program);
  ensureRounds(starts.length > 0, "a job has at least one round");
  const file = new Uint8Array((starts.length - 1) * nextPowerOfTwo(size) + size);
  starts.forEach((start, round) => {
    ensureRounds(start.length === size, `expected weights of ${size} bytes, got ${start.length}`);
    file.set(start, round * nextPowerOfTwo(size));
  });
  return file;
}

/**
 * The weights files of a rounds file.
 * @throws GlassboxError `COMPUTE_ROUNDS_MALFORMED` for another length or a byte other than 0 between the weights.
 */
export function decodeRounds(program: Program, file: Uint8Array, rounds: number): Uint8Array[] {
  const size = weightsBytes(program);
  const stride = nextPowerOfTwo(size);
  const expected = (rounds - 1) * stride + size;
  ensureRounds(file.length === expected, `expected ${expected} bytes, got ${file.length}`);
  const starts = Array.from({ length: rounds }, (_, round) => file.slice(round * stride, round * stride + size));
  ensureRounds(Buffer.compare(encodeRounds(program, starts), file) === 0, "a byte between the weights is not 0");
  return starts;
}

function ensureRounds(condition: boolean, reason: string): asserts condition {
  ensureInput(condition, "COMPUTE_ROUNDS_MALFORMED", `not a rounds file of this job: ${reason}`);
}
