import type { TrainingJob } from "../../compute/training.ts";
import type { Hex } from "../../core/bytes.ts";
import { GlassboxError } from "../../core/errors.ts";

/** A part to be computed: everything that its bits depend on. */
export interface PartTask {
  /** The same object for all parts of a job: what is kept ready for a job is kept by it. */
  readonly job: TrainingJob;
  readonly round: number;
  readonly part: number;
  /** The weights file that the round starts from; nobody may change it. */
  readonly start: Uint8Array;
  readonly startRoot: Hex;
}

/** The weights file that a part ends with. */
export interface PartOutcome {
  readonly weights: Uint8Array;
  readonly root: Hex;
}

/** A part that somebody has taken. The first of these calls settles it; whoever dies before has never taken it. */
export interface TakenPart {
  readonly task: PartTask;
  give(outcome: PartOutcome): Promise<void>;
  /** Says that nobody can compute the part. */
  refuse(error: GlassboxError): Promise<void>;
  /** Leaves the part to somebody else. */
  release(): Promise<void>;
}

/**
 * How the work of one operator reaches the threads, processes or machines that compute it. A part is delivered at least once: it comes
 * back when whoever took it dies, and since parts are deterministic, nobody minds if it is computed twice.
 *
 * Warning: what comes out of a queue is signed by the operator. Who can write to the queue can make the operator answer for it.
 */
export interface PartQueue {
  /**
   * Has a part computed.
   * @throws GlassboxError `WORKER_BUSY` if too many wait, `WORKER_PART_CRASHES` for a part that ends every thread, what refused it, or the
   * signal's reason.
   */
  submit(task: PartTask, signal: AbortSignal): Promise<PartOutcome>;
  /** The next part, when there is one. */
  take(signal: AbortSignal): Promise<TakenPart>;
  close(): Promise<void>;
}

/** A part that was left so often, mostly because it ended whatever computed it, is refused. */
export const MAX_DELIVERIES = 4;

/** What a part is refused with that was left too often. */
export function crashError({ round, part }: Pick<PartTask, "round" | "part">): GlassboxError {
  const message = `round ${round}, part ${part} was begun ${MAX_DELIVERIES} times and never finished`;
  return new GlassboxError("check", "WORKER_PART_CRASHES", message);
}
