import { setTimeout as sleep } from "node:timers/promises";

import { LeafNeeded } from "../../../src/compute/dispute/claimed-file.ts";
import type { Meddling } from "../../../src/compute/dispute/detail.ts";
import { ensureInvariant } from "../../../src/core/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import type { SeenClaim } from "../../../src/worker/claim-desk.ts";
import { Challenger } from "../../../src/worker/dispute/challenger.ts";
import { type AuthorFiles, Defender } from "../../../src/worker/dispute/defender.ts";
import { GameReader, type GameView } from "../../../src/worker/dispute/game-reader.ts";
import type { PlayerParts } from "../../../src/worker/dispute/play.ts";
import { auditClaim } from "../../../src/worker/job-auditor.ts";
import { claimDigest } from "../../../src/worker/watcher-protocol.ts";
import type { DisputeStage, Player } from "./stage.ts";

const POLL_MS = 2;
const PATIENCE_MS = 120_000;
const logger = createLogger("test", process.env.GLASSBOX_TEST_LOG === undefined ? "silent" : "info");

/** A claim as a watcher sees it. */
export async function seenClaim({ contracts }: DisputeStage, jobId: bigint): Promise<SeenClaim> {
  const { claim } = await contracts.JobRegistry.job(jobId);
  const { outputs, number, submissions } = claim;
  return { jobId, claim: Number(number), outputs, submissions, digest: () => claimDigest(contracts, jobId, outputs) };
}

/** A challenger with an account. */
export function challengerOf(stage: DisputeStage, player: Player = "challenger"): Challenger {
  return new Challenger({ ...partsOf(stage, player), storage: stage.storage });
}

/** Reads games. */
function readerOf({ contracts, provider }: DisputeStage): GameReader {
  return new GameReader(contracts, provider, 0);
}

/** Has an author defend its claims until the returned function is called. */
export function defend(
  stage: DisputeStage,
  { answers }: { readonly answers: AuthorFiles },
  options: { readonly meddling?: Meddling; readonly player?: Player; readonly pollMs?: number } = {},
): () => Promise<void> {
  const { meddling, player = "author", pollMs = POLL_MS } = options;
  const stop = new AbortController();
  const defender = new Defender({
    ...partsOf(stage, player),
    pollMs,
    provider: stage.provider,
    fromBlock: 0,
    files: [answers],
    ...(meddling && { meddling }),
  });
  const running = defender.run(stop.signal, stop.signal);
  return async () => {
    stop.abort();
    await running;
  };
}

/** Recomputes a claim as a watcher does, and plays against it to the end if it differs. @returns whether it does */
export async function watchClaim(
  stage: DisputeStage,
  jobId: bigint,
  challenger = challengerOf(stage),
  signal = new AbortController().signal,
): Promise<boolean> {
  const claim = await seenClaim(stage, jobId);
  for (;;) {
    try {
      const { recomputed } = await auditClaim(stage.contracts, challenger.filesOf(claim), claim, signal);
      if (recomputed) await challenger.doubt(claim, recomputed, signal);
      return recomputed !== undefined;
    } catch (error) {
      if (!(error instanceof LeafNeeded)) throw error;
      if (!(await challenger.ask(claim, error, signal))) return true;
    }
  }
}

/** The newest game. */
export async function newestGame(stage: DisputeStage): Promise<GameView> {
  return readerOf(stage).view(await stage.contracts.DisputeGame.gameCount());
}

/** Waits until something holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await condition())) {
    ensureInvariant(performance.now() - begun < PATIENCE_MS, "TEST_PATIENCE", "what was waited for did not happen");
    await sleep(POLL_MS);
  }
}

/** What a player of games works with. */
export function partsOf(stage: DisputeStage, player: Player): PlayerParts {
  const { contracts, senders } = stage;
  return { contracts, reader: readerOf(stage), sender: senders[player], logger, pollMs: POLL_MS };
}
