import { setTimeout as sleep } from "node:timers/promises";

import { partInputsRoot } from "../compute/claims.ts";
import type { SignedPart } from "../compute/rounds-file.ts";
import type { RoundRoots } from "../compute/trace.ts";
import { averageParts, initialWeights, partPlace, runPart } from "../compute/training.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { Logger } from "../telemetry/logger.ts";
import { ensureSound, requestPart, type PartPeer, type SoundPart } from "./part-client.ts";
import { PartRecall } from "./part-recall.ts";
import { PeerRoster } from "./peer-roster.ts";
import type { RoundJournal } from "./round-journal.ts";
import type { SignedJournal } from "./signed-journal.ts";
import type { LoadedJob } from "./training-job.ts";
import { jobParts, jobSteps, jobWorkers, roundsDone, roundsTotal } from "./worker-metrics.ts";

/** How often workers are looked for while parts are open. */
const LOOK_MS = 250;
/** How long a worker may take to say which parts it has signed. */
const RECALL_MS = 2_000;

/** What runs rounds. */
export interface RoundRunnerOptions {
  readonly job: LoadedJob;
  readonly journal: RoundJournal;
  /** Signs the assignments. */
  readonly coordinator: SignedJournal;
  /** Asked before each part, so that workers may come and go. */
  readonly peers: () => Promise<readonly PartPeer[]>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onRound: (round: DoneRound) => void;
  /** Whether every part is repeated here before it is used: after a claim was refuted, no worker's word is taken. */
  readonly isRepeated?: boolean;
}

/** A round that is done. */
export interface DoneRound {
  /** How many are. */
  readonly round: number;
  /** How many operators had a part in it. */
  readonly workers: number;
  /** The weights file that the next round starts from. */
  readonly weights: Uint8Array;
}

/** The outcome of all rounds. */
export interface TrainedRounds {
  readonly starts: readonly Uint8Array[];
  readonly roots: readonly RoundRoots[];
  readonly finalWeights: Uint8Array;
  readonly signedParts: readonly SignedPart[];
}

/** Runs all rounds of a job over its workers. Parts that the journal has are not computed again. */
export async function runRounds(options: RoundRunnerOptions): Promise<TrainedRounds> {
  const { job, signal } = options;
  const starts: Uint8Array[] = [];
  const roots: RoundRoots[] = [];
  const signedParts: SignedPart[] = [];
  roundsTotal.set(job.rounds);
  const crew: Crew = { roster: new PeerRoster(), recall: new PartRecall() };
  let start: Uint8Array = initialWeights(job.program, job.seed);
  for (let round = 0; round < job.rounds; round++) {
    signal.throwIfAborted();
    const startRoot = fileRoot(start);
    const parts = await runRound(options, crew, round, start, startRoot);
    starts.push(start);
    roots.push({ start: startRoot, ends: parts.map((part) => part.endRoot) });
    signedParts.push(...parts.map(({ operator, signature }) => ({ operator, signature })));
    start = averageParts(
      job.program,
      parts.map((part) => part.weights),
    );
    roundsDone.set(round + 1);
    options.onRound({
      round: round + 1,
      workers: new Set(parts.map(({ operator }) => operator)).size,
      weights: start,
    });
  }
  return { starts, roots, finalWeights: start, signedParts };
}

/** Who computes: what is known of the workers, from one round to the next. */
interface Crew {
  readonly roster: PeerRoster;
  readonly recall: PartRecall;
}

/** A round while it is computed. */
interface Round {
  /** The index of its first part. */
  readonly first: bigint;
  readonly start: Uint8Array;
  readonly startRoot: Hex;
  readonly inputsRoot: Hex;
  /** By index. */
  readonly done: Map<bigint, SoundPart>;
  /** The parts that nobody computes at the moment. */
  readonly open: bigint[];
}

/** Spreads the parts of one round over the workers that are free; a part whose worker fails goes to another one. */
async function runRound(
  options: RoundRunnerOptions,
  crew: Crew,
  number: number,
  start: Uint8Array,
  startRoot: Hex,
): Promise<SoundPart[]> {
  const { job, signal } = options;
  const { parts } = job.program;
  const round = openRound(options, number, start, startRoot);
  await recallParts(options, crew, round);
  const running = new Set<Promise<void>>();
  while (round.done.size < parts) {
    signal.throwIfAborted();
    for (const peer of round.open.length === 0 ? [] : crew.roster.free(await knownPeers(options))) {
      const index = round.open.shift();
      if (index === undefined) break;
      const task = computePart(options, crew, round, index, peer).finally(() => running.delete(task));
      running.add(task);
    }
    await change(running, round.open.length === 0, signal);
  }
  await Promise.all(running);
  return [...round.done].sort(([a], [b]) => Number(a - b)).map(([, part]) => part);
}

/** A round with the parts of it that the journal has. */
function openRound(options: RoundRunnerOptions, number: number, start: Uint8Array, startRoot: Hex): Round {
  const { program, datasetRoot } = options.job;
  const first = BigInt(number * program.parts);
  const inputsRoot = partInputsRoot(startRoot, datasetRoot);
  const round: Round = { first, start, startRoot, inputsRoot, done: new Map(), open: [] };
  for (let index = first; index < first + BigInt(program.parts); index++) {
    const kept = keptPart(options, round, index);
    if (kept) round.done.set(index, kept);
    else round.open.push(index);
  }
  return round;
}

/** Has those open parts given again that workers computed for a former coordinator. */
async function recallParts(options: RoundRunnerOptions, crew: Crew, round: Round): Promise<void> {
  const { job, signal } = options;
  const { open } = round;
  if (open.length === 0) return;
  const patience = { timeoutMs: RECALL_MS, signal };
  const signed = await crew.recall.find(job, await knownPeers(options), round, open, patience);
  for (const { index } of signed) open.splice(open.indexOf(index), 1);
  await Promise.all(signed.map(({ index, peer }) => computePart(options, crew, round, index, peer)));
}

/** Has a worker compute a part. If it fails, the part is open again. */
async function computePart(
  options: RoundRunnerOptions,
  { roster }: Crew,
  round: Round,
  index: bigint,
  peer: PartPeer,
): Promise<void> {
  const { job, journal, coordinator, logger, signal } = options;
  const finish = roster.begin(peer);
  let isDone = false;
  try {
    const patience = { timeoutMs: roster.timeoutMs, signal };
    const part = await requestPart(job, coordinator, peer, { ...round, index }, patience);
    ensureRight(options, index, round.start, part);
    await journal.keep(index, part);
    round.done.set(index, part);
    isDone = true;
    jobSteps.inc(job.program.stepsPerPart);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
    const { code, message: reason } = error;
    logger.warn({ code, reason, peer: peer.url, index: index.toString() }, "part goes to another worker");
    round.open.push(index);
  } finally {
    finish(isDone);
    jobParts.inc({ outcome: isDone ? "done" : "failed" });
  }
}

/** A part of the journal, if it is of this very job and start. */
function keptPart(options: RoundRunnerOptions, round: Round, index: bigint): SoundPart | undefined {
  const { job, journal, logger } = options;
  const kept = journal.read(index);
  if (!kept) return undefined;
  try {
    const part = ensureSound(job, { index, startRoot: round.startRoot }, kept);
    ensureRight(options, index, round.start, part);
    return part;
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
    logger.warn({ code: error.code, index: index.toString() }, "the journal's part is wrong, or of another training");
    return undefined;
  }
}

/** @throws GlassboxError `WORKER_PART_WRONG` if parts are repeated, and this one gives something else. */
function ensureRight({ job, isRepeated }: RoundRunnerOptions, index: bigint, start: Uint8Array, part: SoundPart): void {
  if (isRepeated !== true) return;
  const { round, part: place } = partPlace(job.program, index);
  const endRoot = fileRoot(runPart(job, start, round, place));
  ensureCheck(
    endRoot === part.endRoot,
    "WORKER_PART_WRONG",
    `part ${index} of ${part.operator} ends with ${part.endRoot}, not with ${endRoot}`,
  );
}

/** A chain that does not answer has no workers for the moment. */
async function knownPeers({ peers, logger }: RoundRunnerOptions): Promise<readonly PartPeer[]> {
  try {
    const known = await peers();
    jobWorkers.set(known.length);
    return known;
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.kind !== "network") throw error;
    logger.warn({ code: error.code, reason: error.message }, "the workers could not be looked up");
    return [];
  }
}

/** Waits until a task ends or, while parts are open, until it is time to look for workers again. */
async function change(running: ReadonlySet<Promise<void>>, isAllGiven: boolean, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const look = sleep(LOOK_MS, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined);
  try {
    await Promise.race(isAllGiven && running.size > 0 ? running : [...running, look]);
  } finally {
    stop.abort();
  }
}
