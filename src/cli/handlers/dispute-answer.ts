import { loadProgram } from "../../compute/validate.ts";
import { ensureCheck } from "../../core/errors.ts";
import { readModelFolder } from "../../models/model-folder.ts";
import { parsePublicReceipt } from "../../models/public-receipt.ts";
import { EthersChainReader } from "../../verifier/ethers-chain-reader.ts";
import { verifyReceipt } from "../../verifier/verify-receipt.ts";
import { challengeAnswer } from "../../worker/dispute/answer-challenge.ts";
import { GameReader } from "../../worker/dispute/game-reader.ts";
import { registerProgram } from "../actions/register-program.ts";
import type { Handler } from "../command.ts";
import { parseJson, readInput } from "../input-file.ts";
import { withSigningSession } from "../session.ts";
import { textOf } from "../values.ts";
import { POLL_MS, workerLogger } from "../worker-process.ts";

/** Challenges a public answer, or goes on with the game against it. Nothing is sent unless the answer, and nothing else, is wrong. */
export const answer: Handler = async (context, values) => {
  const file = textOf(values, "receipt");
  const receipt = parsePublicReceipt(parseJson(file, await readInput(file)));
  const model = await readModelFolder(textOf(values, "model"));
  const logger = workerLogger("player", context);
  await withSigningSession(context, async ({ contracts, provider, book, sender }) => {
    const chain = new EthersChainReader(book, provider);
    const { verdict, failed } = await verifyReceipt({ receipt, chain, model });
    ensureCheck(verdict !== "pass", "COMPUTE_GAME_HOPELESS", `the model gives the answer ${receipt.answer}`, {
      hint: "nothing can be shown against it: a challenge would cost its bond",
    });
    const isDisputable = failed.length === 1 && failed[0] === "receipt:answer";
    ensureCheck(isDisputable, "COMPUTE_RECEIPT_WORTHLESS", `the receipt shows nothing: ${failed.join(", ")}`, {
      hint: "`glassbox verify receipt` says what is wrong with it",
    });
    const program = loadProgram(model.program);
    await registerProgram(contracts, sender, program);
    const reader = new GameReader(contracts, provider, book.startBlock);
    const player = { contracts, reader, sender, logger, pollMs: POLL_MS };
    const gameId = await challengeAnswer(player, { receipt, program, weights: model.weights }, context.signal);
    const { stage } = await reader.view(gameId);
    const { operator } = receipt;
    context.result({ game: gameId, operator, stage }, `game ${gameId} against ${operator} is over: ${stage}`);
  });
};
