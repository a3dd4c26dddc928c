import { setImmediate as breathe } from "node:timers/promises";

import { equalBytes, fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { Program } from "../compute/program.ts";
import { loadProgram } from "../compute/validate.ts";
import { decodeRoundsFile, type RoundsFile } from "../compute/rounds-file.ts";
import { decodeTrace, type Trace } from "../compute/trace.ts";
import { averageParts, initialWeights, runPart, type TrainingJob } from "../compute/training.ts";
import { weightsBytes } from "../compute/weights.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { WorkOptions } from "../models/work-options.ts";

import type { JobFacts } from "./ports.ts";
import type { EdgeGroup, Finding } from "./report.ts";

/** The files that training is recomputed from and compared with. */
export interface TrainingFiles {
  readonly program: Finding<Uint8Array>;
  readonly samples: Finding<Uint8Array>;
  readonly labels: Finding<Uint8Array>;
  readonly trace: Finding<Uint8Array>;
  readonly rounds: Finding<Uint8Array>;
}

/** What training established. */
export interface TrainingFindings {
  readonly program: Finding<Program>;
  readonly trace: Finding<Trace>;
  readonly rounds: Finding<RoundsFile>;
}

/**
 * Recomputes the training. Each round starts from the weights that the claim committed for it, so that a false round fails
 * alone: its parts must end as the trace says, and their average must be what the next round starts from.
 */
export async function checkTraining(
  group: EdgeGroup,
  job: JobFacts,
  samples: number,
  files: TrainingFiles,
  options: WorkOptions = {},
): Promise<TrainingFindings> {
  const program = await group.check(
    { id: "training:program", title: "the program is valid", needs: [files.program] },
    (file) => {
      const loaded = loadProgram(file);
      ensureCheck(
        loaded.parts === job.parts,
        "VERIFIER_PROGRAM_PARTS",
        `the program has ${loaded.parts} parts a round, the job ${job.parts}`,
      );
      return { value: loaded, detail: `${loaded.operations.length} operations, ${loaded.parts} parts a round` };
    },
  );
  const trace = await group.check(
    { id: "training:trace", title: "the trace covers every round", needs: [files.trace] },
    (file) => {
      const decoded = decodeTrace(file, job.rounds, job.parts);
      return { value: decoded, detail: `${job.rounds} rounds of ${job.parts} parts` };
    },
  );
  await group.check(
    { id: "training:weights", title: "the weights are what the last round gave", needs: [trace] },
    ({ final }) => {
      ensureCheck(
        final === job.roots.weights,
        "VERIFIER_TRACE_FINAL",
        `the trace ends with ${final}, the claim's weights are ${job.roots.weights}`,
      );
      return { value: undefined, detail: final };
    },
  );
  const rounds = await group.check(
    { id: "training:starts", title: "every round's weights are kept", needs: [files.rounds, program, trace] },
    (file, loaded, roots) => {
      const decoded = decodeRoundsFile(file, job.rounds, job.parts, weightsBytes(loaded));
      decoded.starts.forEach((start, round) => {
        ensureRoot(`round ${round} starts`, fileRoot(start), roots.rounds[round]?.start);
      });
      return { value: decoded, detail: `${file.length} bytes` };
    },
  );
  await checkRounds(group, job, samples, { ...files, program, trace, rounds }, options);
  return { program, trace, rounds };
}

interface RoundInputs extends TrainingFindings {
  readonly samples: Finding<Uint8Array>;
  readonly labels: Finding<Uint8Array>;
}

async function checkRounds(
  group: EdgeGroup,
  job: JobFacts,
  count: number,
  { program, trace, rounds, samples, labels }: RoundInputs,
  options: WorkOptions,
): Promise<void> {
  let carried: Uint8Array | undefined;
  for (let round = 0; round < job.rounds; round++) {
    options.signal?.throwIfAborted();
    options.onProgress?.(round, job.rounds);
    await breathe();
    const spec = {
      id: `training:round:${round}`,
      title: `round ${round} gives the same bits`,
      needs: [program, trace, samples, labels],
    } as const;
    await group.check(spec, (loaded, roots, samplesFile, labelsFile) => {
      const seed = fromHex(job.seed, 32);
      const data = { samples: samplesFile, labels: labelsFile, count };
      const training: TrainingJob = { program: loaded, seed, data };
      const first = round === 0 ? initialWeights(loaded, seed) : undefined;
      const start = first ?? rounds.outcome?.value.starts[round] ?? carried;
      ensureCheck(
        start !== undefined,
        "VERIFIER_ROUND_START",
        `the weights that round ${round} starts from are unknown`,
      );
      const expected = roots.rounds[round];
      ensureRoot("the start", fileRoot(start), expected?.start);
      const ends = Array.from({ length: job.parts }, (_, part) => runPart(training, start, round, part));
      carried = averageParts(loaded, ends);
      ends.forEach((end, part) => {
        ensureRoot(`the end of part ${part}`, fileRoot(end), expected?.ends[part]);
      });
      const next = roots.rounds[round + 1]?.start ?? roots.final;
      ensureRoot("the average", fileRoot(carried), next);
      return { value: undefined, detail: `average ${next}` };
    });
  }
  options.onProgress?.(job.rounds, job.rounds);
}

function ensureRoot(what: string, actual: Hex, committed: Hex | undefined): void {
  const same = committed !== undefined && equalBytes(fromHex(actual), fromHex(committed));
  ensureCheck(same, "VERIFIER_TRAINING_MISMATCH", `recomputing ${what} gives ${actual}, committed is ${committed}`);
}
