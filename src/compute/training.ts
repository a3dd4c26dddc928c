import { ensureInput } from "../core/errors.ts";
import { rowStrideBytes, tensorBytes, type Elements } from "../core/tensor.ts";
import type { Program, TensorEntry } from "./program.ts";
import { SectionRun } from "./section-run.ts";
import { decodeWeights, encodeWeights } from "./weights.ts";

/** A dataset's tensors as files. */
export interface TrainingData {
  /** u8 [count][columns of the program's samples]. */
  readonly samples: Uint8Array;
  /** u8 [count][1]. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** What determines every bit of a training run, except how many rounds it has. */
export interface TrainingJob {
  /** A program that passed `validateProgram`. */
  readonly program: Program;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly data: TrainingData;
}

/** The weights file that round 0 starts from. */
export function initialWeights(program: Program, seed: Uint8Array): Uint8Array {
  const run = new SectionRun(program, "init", { seed });
  run.run();
  return encodeWeights(program, outputs(program, run));
}

/** Steps of a job in memory: fresh memory for each part would cost as much as several steps. */
const stepRuns = new WeakMap<TrainingJob, SectionRun>();

function stepRun(job: TrainingJob): SectionRun {
  const known = stepRuns.get(job);
  if (known) return known;
  const run = new SectionRun(job.program, "step", { seed: job.seed, samples: job.data.count });
  giveData(job.program, run, job.data);
  stepRuns.set(job, run);
  return run;
}

/**
 * The weights file at the end of one part: `stepsPerPart` steps from the round's weights, on this part's share of the samples.
 * @throws GlassboxError `COMPUTE_PART_RANGE` for a part the program has not, and what {@link decodeWeights} throws.
 */
export function runPart(job: TrainingJob, weights: Uint8Array, round: number, part: number): Uint8Array {
  const { program } = job;
  ensureInput(
    Number.isInteger(round) && round >= 0 && Number.isInteger(part) && part >= 0 && part < program.parts,
    "COMPUTE_PART_RANGE",
    `round ${round}, part ${part} does not exist in a program of ${program.parts} parts`,
  );
  const run = stepRun(job);
  decodeWeights(program, weights).forEach((elements, slot) => {
    run.give("weights", slot, elements);
  });
  const partSamples = program.stepsPerPart * program.batch;
  const first = (round * program.parts + part) * partSamples;
  ensureInput(
    Number.isSafeInteger(first + partSamples),
    "COMPUTE_PART_RANGE",
    `round ${round} lies beyond the sequence of samples`,
  );
  for (let step = 0; step < program.stepsPerPart; step++) {
    if (step > 0) run.carry();
    run.run(first + step * program.batch);
  }
  return encodeWeights(program, outputs(program, run));
}

/**
 * The weights file that the next round starts from, given the ends of all parts in order.
 * @throws GlassboxError `COMPUTE_PART_RANGE` for another number of parts.
 */
export function averageParts(program: Program, ends: readonly Uint8Array[]): Uint8Array {
  const [only] = ends;
  ensureInput(
    ends.length === program.parts && only !== undefined,
    "COMPUTE_PART_RANGE",
    `a round has ${program.parts} parts, got ${ends.length}`,
  );
  if (program.parts === 1) {
    decodeWeights(program, only);
    return only;
  }
  const run = new SectionRun(program, "average");
  ends.forEach((file, part) => {
    decodeWeights(program, file).forEach((elements, slot) => {
      run.give("partWeights", 256 * part + slot, elements);
    });
  });
  run.run();
  return encodeWeights(program, outputs(program, run));
}

/** Where the part of an index stands, which is `round * parts + part`. */
export function partPlace(
  { parts }: Pick<Program, "parts">,
  index: bigint | number,
): { readonly round: number; readonly part: number } {
  const place = Number(index);
  return { round: Math.floor(place / parts), part: place % parts };
}

/** One round, computed in order. */
export interface RoundResult {
  readonly round: number;
  /** Weights files: at the start, at the end of each part, and after the average. */
  readonly start: Uint8Array;
  readonly ends: readonly Uint8Array[];
  readonly next: Uint8Array;
}

/** Trains round by round on one thread, and yields after each round. The job's roots are the same however it is trained. */
export function* trainRounds(job: TrainingJob, rounds: number): Generator<RoundResult, void, undefined> {
  let start = initialWeights(job.program, job.seed);
  for (let round = 0; round < rounds; round++) {
    const ends = Array.from({ length: job.program.parts }, (_, part) => runPart(job, start, round, part));
    const next = averageParts(job.program, ends);
    yield { round, start, ends, next };
    start = next;
  }
}

/** Gives a dataset's files to a step. */
export function giveData(program: Program, run: SectionRun, data: TrainingData): void {
  for (const tensor of program.tensors) {
    if (tensor.role !== "samples" && tensor.role !== "labels") continue;
    const file = data[tensor.role];
    const shape = shapeFor(tensor, data.count);
    ensureInput(
      file.length === tensorBytes(shape),
      "COMPUTE_DATA_MISMATCH",
      `${tensor.role} of ${data.count} rows take ${tensorBytes(shape)} bytes, got ${file.length}`,
    );
    run.give(tensor.role, 0, new Uint8Array(file.buffer, file.byteOffset, file.byteLength), rowStrideBytes(shape));
  }
}

function shapeFor(tensor: TensorEntry, rows: number): TensorEntry {
  return { ...tensor, rows };
}

function outputs(program: Program, run: SectionRun): Elements[] {
  const slots = program.tensors.filter((tensor) => tensor.section === "init" && tensor.output !== undefined).length;
  return Array.from({ length: slots }, (_, slot) => run.output(slot));
}
