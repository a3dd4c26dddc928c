import { fromHex, toHex, type Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { nextPowerOfTwo } from "../core/tensor.ts";

const ROOT_BYTES = 32;

/** The roots of one round's weights files. */
export interface RoundRoots {
  /** What the round starts from. */
  readonly start: Hex;
  /** What its parts end with, in order. */
  readonly ends: readonly Hex[];
}

/** How a training run went, as roots. */
export interface Trace {
  readonly rounds: readonly RoundRoots[];
  /** The last round's average: the weights root of the claim. */
  readonly final: Hex;
}

/** Slots of a round in the trace: its start and its parts, rounded up to a power of two. */
export function traceSlots(parts: number): number {
  return nextPowerOfTwo(parts + 1);
}

/**
 * The trace file: a root list. Round r has its start at slot r x slots and part p at the (p + 1)th slot after; the final
 * root follows the last round; unused slots are zero.
 * @throws GlassboxError `COMPUTE_TRACE_MALFORMED` if a round has another number of parts.
 */
export function encodeTrace(trace: Trace, parts: number): Uint8Array<ArrayBuffer> {
  const slots = traceSlots(parts);
  const file = new Uint8Array((trace.rounds.length * slots + 1) * ROOT_BYTES);
  const put = (slot: number, root: Hex): void => {
    file.set(fromHex(root, ROOT_BYTES), slot * ROOT_BYTES);
  };
  trace.rounds.forEach(({ start, ends }, round) => {
    ensureTrace(ends.length === parts, `round ${round} has ${ends.length} parts, expected ${parts}`);
    put(round * slots, start);
    ends.forEach((end, part) => {
      put(round * slots + 1 + part, end);
    });
  });
  put(trace.rounds.length * slots, trace.final);
  return file;
}

/**
 * Reads a trace file.
 * @throws GlassboxError `COMPUTE_TRACE_MALFORMED` for another length or an unused slot that is not zero.
 */
export function decodeTrace(file: Uint8Array, rounds: number, parts: number): Trace {
  const slots = traceSlots(parts);
  const expected = (rounds * slots + 1) * ROOT_BYTES;
  ensureTrace(file.length === expected, `expected ${expected} bytes, got ${file.length}`);
  const rootAt = (slot: number): Hex => toHex(file.subarray(slot * ROOT_BYTES, (slot + 1) * ROOT_BYTES));
  const trace: Trace = {
    rounds: Array.from({ length: rounds }, (_, round) => ({
      start: rootAt(round * slots),
      ends: Array.from({ length: parts }, (__, part) => rootAt(round * slots + 1 + part)),
    })),
    final: rootAt(rounds * slots),
  };
  ensureTrace(Buffer.compare(encodeTrace(trace, parts), file) === 0, "an unused slot is not zero");
  return trace;
}

function ensureTrace(condition: boolean, reason: string): asserts condition {
  ensureInput(condition, "COMPUTE_TRACE_MALFORMED", `not a trace of this job: ${reason}`);
}
