import { setTimeout as sleep } from "node:timers/promises";

import { readChain } from "../../chain/read.ts";
import { ensureCheck, ensureInput } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { LmdbStore } from "../../db/lmdb-store.ts";
import { FlowReader } from "../../storage/flow-reader.ts";
import type { FileSource } from "../../storage/ports.ts";
import { ClaimDesk } from "../../worker/claim-desk.ts";
import { Challenger } from "../../worker/dispute/challenger.ts";
import { AnswerInputs } from "../../worker/answer-inputs.ts";
import { AnswerAuthor } from "../../worker/dispute/answer-author.ts";
import { ClaimAuthor } from "../../worker/dispute/claim-author.ts";
import { type AuthorFiles, Defender } from "../../worker/dispute/defender.ts";
import { GameReader, type GameView, type Subject } from "../../worker/dispute/game-reader.ts";
import { KeptFiles } from "../../worker/dispute/kept-files.ts";
import { PartAuthor } from "../../worker/dispute/part-author.ts";
import { carryOut, type PlayerParts, withdrawOwed } from "../../worker/dispute/play.ts";
import { auditClaim } from "../../worker/job-auditor.ts";
import { SignedStarts } from "../../worker/signed-starts.ts";
import { claimDigest } from "../../worker/watcher-protocol.ts";
import { parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSigningSession, type SigningSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { optionalTextOf, textOf } from "../values.ts";
import { POLL_MS, workerLogger } from "../worker-process.ts";

/** How challengers go on with games that are not against claims. */
const HINTS: Readonly<Record<Subject, string>> = {
  claim: "",
  part: "it goes on with the coordinator that opened it: start that again on its folder",
  answer: "it goes on with `compute dispute answer` and the receipt",
  audit: "it goes on with the watcher that opened it: start that again",
};

/** What a player needs besides the game. */
interface Table extends PlayerParts {
  readonly session: SigningSession;
  readonly storage: FileSource;
  readonly signal: AbortSignal;
}

/** Plays one game to its end. */
export const play: Handler = async (context, values) => {
  const gameId = parseId(textOf(values, "game"), "game");
  const folder = optionalTextOf(values, "data");
  const logger = workerLogger("player", context);
  await withSigningSession(context, async (session) => {
    const { contracts, provider, book, sender } = session;
    const reader = new GameReader(contracts, provider, book.startBlock);
    const storage = await openFiles(contracts, values);
    const view = await reader.view(gameId);
    const table = { session, storage, signal: context.signal, contracts, reader, sender, logger, pollMs: POLL_MS };
    const isAuthor = sameAddress(view.author, sender.address);
    ensureInput(
      isAuthor || sameAddress(view.challenger, sender.address),
      "COMPUTE_NOT_A_PLAYER",
      `${sender.address} does not play game ${gameId}`,
      { hint: `${view.challenger} challenges ${view.author}` },
    );
    const role = isAuthor ? "author" : "challenger";
    if (view.turn !== undefined) context.progress(`playing game ${gameId} as its ${role} until it is over`);
    if (view.turn !== undefined) await (isAuthor ? answer(table, view, folder) : challenge(table, view));
    else if (!isAuthor) await carryOut(table, view);
    if (isAuthor) await withdrawOwed(table);
    const { stage } = await reader.view(gameId);
    context.result({ game: gameId, role, stage }, `game ${gameId} is over: ${stage}, played as its ${role}`);
  });
};

/** Answers for a claim, a part or an answer until the game is over. */
async function answer(table: Table, view: GameView, folder: string | undefined): Promise<void> {
  ensureInput(folder !== undefined, "CLI_OPTION_MISSING", "an author needs --data", {
    hint: "the folder of the coordinator that made the claim, or of the worker that signed the part or answer",
  });
  const { session, storage, signal, ...player } = table;
  const { contracts, provider, book } = session;
  const store = new LmdbStore(folder);
  const over = new AbortController();
  try {
    const flow = new FlowReader(contracts);
    const filesOf = (jobId: bigint): KeptFiles => new KeptFiles(flow, storage, store, jobId);
    const files: AuthorFiles[] = [
      new ClaimAuthor({ jobId: view.jobId, storage: filesOf(view.jobId), store, player }),
      new PartAuthor(contracts, filesOf, new SignedStarts(store)),
      new AnswerAuthor(new AnswerInputs(store)),
    ];
    const defender = new Defender({
      ...player,
      provider,
      fromBlock: book.startBlock,
      files: files.map((author) => onlyIn(view.gameId, author)),
    });
    const defence = defender.run(over.signal, signal);
    try {
      while ((await player.reader.view(view.gameId)).turn !== undefined) {
        ensureCheck(
          !defender.hasConceded(view.gameId),
          "COMPUTE_GAME_HOPELESS",
          "what was signed is not what the program gives: no move is left, and the game is lost when the turn has passed",
        );
        await sleep(player.pollMs, undefined, { signal });
      }
    } finally {
      over.abort();
      await defence;
    }
  } finally {
    await store.close();
  }
}

/** Answers in one game, whatever else its author answers for. */
function onlyIn(gameId: bigint, files: AuthorFiles): AuthorFiles {
  return {
    answers: (game) => game.gameId === gameId && files.answers(game),
    execution: (...given) => files.execution(...given),
    file: (...given) => files.file(...given),
  };
}

/** Recomputes the claim, and shows where it differs. */
async function challenge(table: Table, view: GameView): Promise<void> {
  const { contracts, signal, logger } = table;
  const { jobId, claimNumber, gameId, subject } = view;
  ensureInput(subject === "claim", "COMPUTE_GAME_OF_OTHERS", `game ${gameId} is not against a claim`, {
    hint: HINTS[subject],
  });
  const { claim } = await readChain(contracts.JobRegistry.job(jobId));
  const challenger = new Challenger(table);
  if (Number(claim.number) !== claimNumber) return challenger.tidy(signal);
  const desk = new ClaimDesk({
    audit: (seen, stop) => auditClaim(contracts, challenger.filesOf(seen), seen, stop),
    doubt: (seen, recomputed, stop) => challenger.doubt(seen, recomputed, stop),
    ask: (seen, leaf, stop) => challenger.ask(seen, leaf, stop),
    logger,
    signal,
  });
  const { outputs, submissions } = claim;
  desk.take({ jobId, claim: claimNumber, outputs, submissions, digest: () => claimDigest(contracts, jobId, outputs) });
  await desk.idle();
  const { verdict, detail } = desk.verdict(jobId.toString());
  ensureCheck(verdict === "mismatch", "COMPUTE_GAME_HOPELESS", `the claim is what its program gives: ${detail}`, {
    hint: "nothing can be shown against it: the game ends when the turn has passed, and its bond is lost",
  });
}
