import { chainTime, readChain } from "../../chain/read.ts";
import { findEvents } from "../../chain/event-search.ts";
import { ensureInput } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { GameReader, type GameView } from "../../worker/dispute/game-reader.ts";
import { gameTranscript } from "../actions/game-transcript.ts";
import { formatTokens, parseAddress, parseCount, parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { historyOf, type Session, withSession, withSigningSession } from "../session.ts";
import { formatTime, showDuration } from "../times.ts";
import { optionalOf, textOf } from "../values.ts";

const MAX_CLAIMS = 2 ** 32 - 1;

/** Lists the games of a job or an account. */
export const list: Handler = async (context, values) => {
  const jobId = optionalOf(values, "job", (text) => parseId(text, "--job"));
  const claim = optionalOf(values, "claim", (text) => parseCount(text, "--claim", MAX_CLAIMS));
  const account = optionalOf(values, "account", parseAddress);
  ensureInput(claim === undefined || jobId !== undefined, "CLI_OPTION_MISSING", "--claim needs --job");
  await withSession(context, async (session) => {
    const { DisputeGame } = session.contracts;
    const indexed = [null, jobId === undefined ? null : `0x${jobId.toString(16).padStart(64, "0")}`];
    const opened = await findEvents(DisputeGame, historyOf(session, values), "GameOpened", indexed);
    const wanted = opened.filter(
      ({ claimNumber, challenger, author }) =>
        (claim === undefined || Number(claimNumber) === claim) &&
        (account === undefined || sameAddress(challenger, account) || sameAddress(author, account)),
    );
    const reader = readerOf(session);
    const views = await Promise.all(wanted.map(({ gameId }) => reader.view(gameId)));
    const terms = await termsOf(session);
    const games = views.map((view) => gameJson(view, terms));
    const rows = views.map((view) => gameLine(view, terms));
    context.result({ games }, rows.length === 0 ? "no games" : rows.join("\n"));
  });
};

/** Shows a game and what was said in it. */
export const show: Handler = async (context, values) => {
  const gameId = parseId(textOf(values, "game"), "game");
  await withSession(context, async (session) => {
    const { contracts, provider, book } = session;
    const view = await readerOf(session).view(gameId);
    const terms = await termsOf(session);
    const said = await gameTranscript(contracts, { provider, fromBlock: book.startBlock }, gameId);
    context.result(
      { ...gameJson(view, terms), transcript: said },
      [gameLine(view, terms), ...said.map(({ block, text }) => `  block ${block}  ${text}`)].join("\n"),
    );
  });
};

/** Ends a game whose turn has passed. */
export const expire: Handler = async (context, values) => {
  const gameId = parseId(textOf(values, "game"), "game");
  await withSigningSession(context, async (session) => {
    const { contracts, sender } = session;
    await sender.send(contracts.DisputeGame.claimTimeout.populateTransaction(gameId));
    const view = await readerOf(session).view(gameId);
    const winner = view.stage === "lost" ? view.author : view.challenger;
    context.result({ game: gameId, stage: view.stage, winner }, `game ${gameId} is over: won by ${winner}`);
  });
};

function readerOf({ contracts, provider, book }: Session): GameReader {
  return new GameReader(contracts, provider, book.startBlock);
}

/** What all games have in common, and the chain's clock. */
interface Terms {
  readonly bondWei: bigint;
  readonly now: bigint;
}

async function termsOf({ contracts, provider }: Session): Promise<Terms> {
  return { bondWei: await readChain(contracts.DisputeGame.bondWei()), now: await chainTime(provider) };
}

function gameJson(view: GameView, { bondWei, now }: Terms): object {
  const { gameId, subject, jobId, claimNumber, part, challenger, author, stage, turn, turnEnds } = view;
  const job = subject === "answer" ? null : jobId;
  const claim = subject === "claim" ? claimNumber : null;
  const number = (of: GameView["subject"]): number | null => (subject === of ? part : null);
  return {
    ...{ game: gameId, subject, job, claim, part: number("part"), audit: number("audit") },
    ...{ challenger, author, stage, turn: turn ?? null },
    turnEndsAt: turn === undefined ? null : formatTime(turnEnds),
    secondsLeft: turn === undefined ? null : secondsLeft(turnEnds, now),
    bondWei,
  };
}

function gameLine(view: GameView, { bondWei, now }: Terms): string {
  const { gameId, challenger, author, stage, turn, turnEnds } = view;
  const left = secondsLeft(turnEnds, now);
  const time = left === 0n ? "has passed: `dispute expire` ends the game" : `for ${showDuration(left)}`;
  const state = turn === undefined ? stage : `${stage}, the ${turn}'s turn ${time}`;
  return `game ${gameId}  ${subjectText(view)}: ${state}; ${challenger} with a bond of ${formatTokens(bondWei)} against ${author}`;
}

function subjectText({ subject, jobId, claimNumber, part }: GameView): string {
  if (subject === "answer") return "a signed answer";
  return `job ${jobId}, ${subject} ${subject === "claim" ? claimNumber : part}`;
}

/** A move in the last second counts. */
function secondsLeft(turnEnds: bigint, now: bigint): bigint {
  return turnEnds >= now ? turnEnds - now + 1n : 0n;
}
