import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import { answerClaim, queryFile } from "../../compute/claims.ts";
import { Detail, type DetailOptions } from "../../compute/dispute/detail.ts";
import { answerExecution } from "../../compute/dispute/execution.ts";
import type { Program } from "../../compute/program.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import type { PublicReceipt } from "../../models/public-receipt.ts";
import { playAsChallenger, type PlayerParts } from "./play.ts";

/** An answer that its operator signed and that the model does not give, with the model. */
export interface WrongAnswer {
  readonly receipt: PublicReceipt;
  readonly program: Program;
  /** The weights file. */
  readonly weights: Uint8Array;
}

/**
 * Plays the game against the signer of an answer to its end, or goes on with it. An answer is punished once.
 * @param options how one's own detail is made, if it is not to be what the program says
 * @returns the game
 */
export async function challengeAnswer(
  parts: PlayerParts,
  wrong: WrongAnswer,
  signal: AbortSignal,
  options: Pick<DetailOptions, "meddling"> = {},
): Promise<bigint> {
  const { receipt, program, weights } = wrong;
  const gameId = (await earlierGame(parts, receipt)) ?? (await openAnswerGame(parts, receipt));
  const execution = answerExecution(program, weights, queryFile(receipt.query));
  const own = async () => ({ detail: await Detail.compute(execution, { ...options, signal }) });
  await playAsChallenger(parts, gameId, own, signal);
  return gameId;
}

/** A game against the same answer that is not lost. */
async function earlierGame(parts: PlayerParts, receipt: PublicReceipt): Promise<bigint | undefined> {
  const { contracts, reader, sender } = parts;
  const { DisputeGame, JobRegistry } = contracts;
  const digest = await readChain(JobRegistry.claimDigest(answerClaim(receipt)));
  for (const { gameId } of await reader.gamesOf(sender.address, 0n)) {
    if ((await readChain(DisputeGame.answerDigestOf(gameId))) !== digest) continue;
    if ((await reader.view(gameId)).stage !== "lost") return gameId;
  }
  return undefined;
}

async function openAnswerGame({ contracts, sender }: PlayerParts, receipt: PublicReceipt): Promise<bigint> {
  const { DisputeGame, Token } = contracts;
  const { weightsRoot, query, signature } = receipt;
  const bondWei = await readChain(DisputeGame.bondWei());
  await sender.send(Token.approve.populateTransaction(await DisputeGame.getAddress(), bondWei));
  const opening = DisputeGame.challengeAnswer.populateTransaction(
    answerClaim(receipt),
    signature,
    weightsRoot,
    fileRoot(queryFile(query)),
  );
  return eventOf(await sender.send(opening), DisputeGame, "GameOpened").gameId;
}
