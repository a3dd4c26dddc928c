import type { ContractTransaction } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { pickNode, pickOperation, proveElement } from "../../compute/dispute/challenger-moves.ts";
import type { Detail } from "../../compute/dispute/detail.ts";
import type { KnownExecution } from "../../compute/dispute/operands.ts";
import { Transcript } from "../../compute/dispute/transcript.ts";
import { ensureInvariant } from "../../core/errors.ts";
import type { GameReader, GameView } from "./game-reader.ts";
import { trailOf } from "./trail.ts";

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
  contracts: Pick<Contracts, "DisputeGame">,
  reader: GameReader,
  { gameId, stage }: GameView,
  own: OwnExecution,
  signal: AbortSignal,
): Promise<ContractTransaction | undefined> {
  const { DisputeGame } = contracts;
  const { execution, words } = await reader.log(gameId);
  ensureInvariant(execution !== undefined, "WORKER_GAME_EXECUTION", `game ${gameId} names no execution`);
  const transcript = await Transcript.read(words, own.detail, signal);
  const { hash, ...roots } = trailOf(contracts, execution, words);
  switch (stage) {
    case "pickStep":
    case "pickLeaves": {
      const picked = pickNode(stage === "pickStep" ? transcript.steps : (transcript.tensor ?? transcript.steps));
      if (!picked) return undefined;
      const { index, node, siblings } = picked;
      return DisputeGame.pickNode.populateTransaction(gameId, hash, index, node, siblings);
    }
    case "pickOperation": {
      const picked = await pickOperation(transcript, own.detail, signal);
      if (!picked) return undefined;
      const { operation, opening } = picked;
      return DisputeGame.pickOperation.populateTransaction(gameId, execution, roots.detailRoot, operation, opening);
    }
    case "prove": {
      const proof = await proveElement(transcript, own.detail, own.trace, signal);
      if (!proof) return undefined;
      const { leaf, element, opening, operands } = proof;
      return DisputeGame.prove.populateTransaction(gameId, execution, roots, leaf, element, opening, operands);
    }
    default:
      return undefined;
  }
}
