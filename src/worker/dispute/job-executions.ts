import type { Execution } from "../../compute/dispute/execution.ts";
import { SECTIONS, type Section } from "../../compute/program.ts";
import { termsElements } from "../../compute/terms.ts";
import { traceSlots } from "../../compute/trace.ts";
import { partPlace } from "../../compute/training.ts";
import { ensureInvariant } from "../../core/errors.ts";
import { jobTerms, type LoadedJob } from "../training-job.ts";
import type { ChainExecution } from "./chain-execution.ts";

/** Which execution of a job. */
export interface ExecutionName {
  readonly section: Section;
  readonly round: number;
  readonly part: number;
}

/** The files of a job's training that executions start from. */
export interface JobTraining {
  /** The weights file that a round starts from. */
  start(round: number): Uint8Array;
  /** The weights files that the parts of a round end with. */
  ends(round: number): readonly Uint8Array[];
  /** The credits file, and how many accounts there are. */
  readonly credits: Uint8Array | undefined;
  readonly accounts: number;
}

/** An execution of a job, with everything that it starts from. */
export function executionOf(job: LoadedJob, name: ExecutionName, training: JobTraining): Execution {
  const { program, seed, data, records } = job;
  // Only init and step have the job's seed, as the judge sees them.
  const base = { program, section: name.section, seed: new Uint8Array(seed.length), position: 0 };
  switch (name.section) {
    case "init":
      return { ...base, seed };
    case "infer":
      return base;
    case "step":
      return {
        ...base,
        seed,
        position: (name.round * program.parts + name.part) * program.stepsPerPart * program.batch,
        data,
        weights: training.start(name.round),
      };
    case "average":
      return { ...base, ends: training.ends(name.round) };
    case "allocate": {
      const { credits, accounts } = training;
      ensureInvariant(credits !== undefined, "WORKER_CREDITS_MISSING", "shares are computed from credits");
      return { ...base, allocation: { records, credits, terms: termsElements(jobTerms(job)), accounts } };
    }
  }
}

/** Which execution of a job the chain means. */
export function nameOf({ program }: LoadedJob, execution: ChainExecution): ExecutionName {
  const section = SECTIONS[Number(execution.section)];
  ensureInvariant(section !== undefined, "WORKER_SECTION_UNKNOWN", `there is no section ${execution.section}`);
  const index = Number(execution.position) / (program.stepsPerPart * program.batch);
  if (section === "step") return { section, ...partPlace(program, index) };
  const round = section === "average" ? Math.floor(Number(execution.inputSlot) / traceSlots(program.parts)) : 0;
  return { section, round, part: 0 };
}
