import type { ContractTransaction } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { pickNode, pickOperation, proveElement } from "../../compute/dispute/challenger-moves.ts";
import type { Detail } from "../../compute/dispute/detail.ts";
import type { KnownExecution } from "../../compute/dispute/operands.ts";
import { Transcript } from "../../compute/dispute/transcript.ts";
import { ensureInvariant } from "../../core/errors.ts";
import type { GameReader, GameView } from "./game-reader.ts";

/** One's own computation of the execution that a game is about, and the author's trace if it is an average. */
export interface OwnExecution {
  readonly detail: Detail;
  readonly trace?: KnownExecution["trace"];
}

/**
 * The challenger's next move after the accusation: always towards the first difference.
 * @returns undefined if there is none, or it is not the challenger's turn
 */
export async function challengerMove(
  { DisputeGame }: Pick<Contracts, "DisputeGame">,
  reader: GameReader,
  { gameId, stage }: GameView,
  own: OwnExecution,
  signal: AbortSignal,
): Promise<ContractTransaction | undefined> {
  const { execution, words } = await reader.log(gameId);
  ensureInvariant(execution !== undefined, "WORKER_GAME_EXECUTION", `game ${gameId} names no execution`);
  const transcript = await Transcript.read(words, own.detail, signal);
  switch (stage) {
    case "pickStep":
    case "pickLeaves": {
      const picked = pickNode(stage === "pickStep" ? transcript.steps : (transcript.tensor ?? transcript.steps));
      return picked && DisputeGame.pickNode.populateTransaction(gameId, picked.index, picked.node, picked.siblings);
    }
    case "pickOperation": {
      const picked = await pickOperation(transcript, own.detail, signal);
      return (
        picked && DisputeGame.pickOperation.populateTransaction(gameId, execution, picked.operation, picked.opening)
      );
    }
    case "prove": {
      const proof = await proveElement(transcript, own.detail, own.trace, signal);
      if (!proof) return undefined;
      const { leaf, element, opening, operands } = proof;
      return DisputeGame.prove.populateTransaction(gameId, execution, leaf, element, opening, operands);
    }
    default:
      return undefined;
  }
}
