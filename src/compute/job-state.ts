import { ensureInvariant } from "../core/errors.ts";

/** In the order of the contract's `JobStatus`. */
const JOB_STATES = ["none", "open", "claimed", "accepted", "cancelled"] as const;

/** What a job waits for: nothing as long as there is none, a claim, the end of the claim's window, or nothing any more. */
export type JobState = (typeof JOB_STATES)[number];

/** The state that the chain names by a number. */
export function jobState({ status }: { readonly status: bigint }): JobState {
  const state = JOB_STATES[Number(status)];
  ensureInvariant(state !== undefined, "COMPUTE_JOB_STATE", `a job has no state ${status}`);
  return state;
}
