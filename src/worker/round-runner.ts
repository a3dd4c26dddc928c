import { setTimeout as sleep } from "node:timers/promises";

import { partInputsRoot } from "../compute/claims.ts";
import type { SignedPart } from "../compute/rounds-file.ts";
import type { RoundRoots } from "../compute/trace.ts";
import { averageParts, initialWeights } from "../compute/training.ts";
import type { Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import type { Logger } from "../telemetry/logger.ts";
import { requestPart, type ComputedPart, type PartPeer } from "./part-client.ts";
import type { RoundJournal } from "./round-journal.ts";
import type { LoadedJob } from "./training-job.ts";

/** A worker that failed is left alone for so long. */
const REST_MS = 2_000;

/** What runs rounds. */
export interface RoundRunnerOptions {
  readonly job: LoadedJob;
  readonly journal: RoundJournal;
  readonly coordinator: UnlockedKey;
  /** Asked before each part, so that workers may come and go. */
  readonly peers: () => Promise<readonly PartPeer[]>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onRound: (round: number) => void;
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
  let start: Uint8Array = initialWeights(job.program, job.seed);
  for (let round = 0; round < job.rounds; round++) {
    signal.throwIfAborted();
    const startRoot = fileRoot(start);
    const parts = await runRound(options, round, start, startRoot);
    starts.push(start);
    roots.push({ start: startRoot, ends: parts.map((part) => fileRoot(part.weights)) });
    signedParts.push(...parts.map(({ operator, signature }) => ({ operator, signature })));
    start = averageParts(
      job.program,
      parts.map((part) => part.weights),
    );
    options.onRound(round + 1);
  }
  return { starts, roots, finalWeights: start, signedParts };
}

/** Spreads the parts of one round over the workers that are free; a part whose worker fails goes to another one. */
async function runRound(
  { job, journal, coordinator, peers, logger, signal }: RoundRunnerOptions,
  round: number,
  start: Uint8Array,
  startRoot: Hex,
): Promise<ComputedPart[]> {
  const first = BigInt(round * job.program.parts);
  const inputsRoot = partInputsRoot(startRoot, job.datasetRoot);
  const done = new Map<bigint, ComputedPart>();
  const open: bigint[] = [];
  for (let index = first; index < first + BigInt(job.program.parts); index++) {
    const kept = journal.read(index);
    if (kept) done.set(index, kept);
    else open.push(index);
  }
  const busy = new Set<Hex>();
  const running = new Set<Promise<void>>();
  const compute = async (index: bigint, peer: PartPeer): Promise<void> => {
    busy.add(peer.operator);
    try {
      const part = await requestPart(job, coordinator, peer, { index, inputsRoot, startRoot, start }, signal);
      await journal.keep(index, part);
      done.set(index, part);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
      logger.warn({ code: error.code, peer: peer.url, index: index.toString() }, "part goes to another worker");
      open.push(index);
      await sleep(REST_MS, undefined, { signal });
    } finally {
      busy.delete(peer.operator);
    }
  };
  while (done.size < job.program.parts) {
    signal.throwIfAborted();
    const free = (await peers()).filter((peer) => !busy.has(peer.operator));
    for (const peer of free) {
      const index = open.shift();
      if (index === undefined) break;
      const task = compute(index, peer).finally(() => running.delete(task));
      running.add(task);
    }
    if (running.size > 0) await Promise.race(running);
    else await sleep(REST_MS, undefined, { signal });
  }
  await Promise.all(running);
  return [...done].sort(([a], [b]) => Number(a - b)).map(([, part]) => part);
}
