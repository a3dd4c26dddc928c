import { setTimeout as sleep } from "node:timers/promises";

import { partInputsRoot } from "../compute/claims.ts";
import type { SignedPart } from "../compute/rounds-file.ts";
import type { RoundRoots } from "../compute/trace.ts";
import { averageParts, initialWeights, runPart } from "../compute/training.ts";
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
  const crew = { roster: new PeerRoster(), recall: new PartRecall() };
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

/** Spreads the parts of one round over the workers that are free; a part whose worker fails goes to another one. */
async function runRound(
  options: RoundRunnerOptions,
  { roster, recall }: { readonly roster: PeerRoster; readonly recall: PartRecall },
  round: number,
  start: Uint8Array,
  startRoot: Hex,
): Promise<SoundPart[]> {
  const { job, journal, coordinator, logger, signal } = options;
  const first = BigInt(round * job.program.parts);
  const inputsRoot = partInputsRoot(startRoot, job.datasetRoot);
  const done = new Map<bigint, SoundPart>();
  const open: bigint[] = [];
  for (let index = first; index < first + BigInt(job.program.parts); index++) {
    const kept = keptPart(options, index, start, startRoot);
    if (kept) done.set(index, kept);
    else open.push(index);
  }
  const compute = async (index: bigint, peer: PartPeer): Promise<void> => {
    const finish = roster.begin(peer);
    let isDone = false;
    try {
      const input = { index, inputsRoot, startRoot, start };
      const part = await requestPart(job, coordinator, peer, input, { timeoutMs: roster.timeoutMs, signal });
      ensureRight(options, index, start, part);
      await journal.keep(index, part);
      done.set(index, part);
      isDone = true;
      jobSteps.inc(job.program.stepsPerPart);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
      const { code, message: reason } = error;
      logger.warn({ code, reason, peer: peer.url, index: index.toString() }, "part goes to another worker");
      open.push(index);
    } finally {
      finish(isDone);
      jobParts.inc({ outcome: isDone ? "done" : "failed" });
    }
  };
  const running = new Set<Promise<void>>();
  if (open.length > 0) {
    const patience = { timeoutMs: RECALL_MS, signal };
    const kept = await recall.find(job, await knownPeers(options), { first, inputsRoot }, open, patience);
    for (const { index } of kept) open.splice(open.indexOf(index), 1);
    await Promise.all(kept.map(({ index, peer }) => compute(index, peer)));
  }
  while (done.size < job.program.parts) {
    signal.throwIfAborted();
    for (const peer of open.length === 0 ? [] : roster.free(await knownPeers(options))) {
      const index = open.shift();
      if (index === undefined) break;
      const task = compute(index, peer).finally(() => running.delete(task));
      running.add(task);
    }
    await change(running, open.length === 0, signal);
  }
  await Promise.all(running);
  return [...done].sort(([a], [b]) => Number(a - b)).map(([, part]) => part);
}

/** A part of the journal, if it is of this very job and start. */
function keptPart(
  options: RoundRunnerOptions,
  index: bigint,
  start: Uint8Array,
  startRoot: Hex,
): SoundPart | undefined {
  const { job, journal, logger } = options;
  const kept = journal.read(index);
  if (!kept) return undefined;
  try {
    const part = ensureSound(job, { index, startRoot }, kept);
    ensureRight(options, index, start, part);
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
  const { parts } = job.program;
  const place = Number(index);
  const endRoot = fileRoot(runPart(job, start, Math.floor(place / parts), place % parts));
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
