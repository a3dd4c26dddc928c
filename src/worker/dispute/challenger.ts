import { setTimeout as sleep } from "node:timers/promises";

import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { CLAIM_FILES, LeafNeeded } from "../../compute/dispute/claimed-file.ts";
import { Detail } from "../../compute/dispute/detail.ts";
import { runPart } from "../../compute/training.ts";
import { traceSlots } from "../../compute/trace.ts";
import { ensureInvariant, GlassboxError } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import type { ContractTransaction, TransactionReceipt } from "ethers";
import type { FileSource } from "../../storage/ports.ts";
import { TaskGate } from "../../storage/task-gate.ts";
import type { SeenClaim } from "../claim-desk.ts";
import type { RecomputedClaim } from "../job-auditor.ts";
import type { OwnExecution } from "./challenger-move.ts";
import { encodeAccusation, encodeFault } from "./charges.ts";
import { ClaimFiles } from "./claim-files.ts";
import { doubtOf, type Doubt } from "./doubt.ts";
import type { GameView } from "./game-reader.ts";
import { executionOf, nameOf, type JobTraining } from "./job-executions.ts";
import { carryOut, closeIfFallen, playAsChallenger, sendMove, sendTimeout, type PlayerParts } from "./play.ts";

/** What a challenger works with. */
export interface ChallengerParts extends PlayerParts {
  readonly storage: FileSource;
}

/**
 * Plays the dispute game against claims that are not what was computed. All it knows is on chain or computed again, so it can stop
 * at any moment, and go on in another process.
 */
export class Challenger {
  readonly #parts: ChallengerParts;
  /** Approvals and openings go in pairs. */
  readonly #opening = new TaskGate(1);

  constructor(parts: ChallengerParts) {
    this.#parts = parts;
  }

  /** The files of a claim: once half of its window has passed, its author is asked for what storage does not give. */
  filesOf(claim: SeenClaim): ClaimFiles {
    const { contracts, storage, reader, sender } = this.#parts;
    return new ClaimFiles({
      contracts,
      storage,
      claim,
      isWorthABond: (demands) => this.#isWorthABond(claim, demands),
      shown: async () => {
        const game = await this.#gameOf(claim);
        return game === undefined ? new Map() : (await reader.log(game.gameId)).shown;
      },
      isOverdue: async () => {
        const { params, claim: live } = await readChain(contracts.JobRegistry.job(claim.jobId));
        return (await chainTime(sender.provider)) >= live.claimedAt + params.claimWindowSeconds / 2n;
      },
    });
  }

  /**
   * Demands a leaf from a claim's author.
   * @returns true if it was shown; otherwise the game is over, or no leaf can be demanded any more
   */
  async ask(claim: SeenClaim, { file, leafIndex }: LeafNeeded, signal: AbortSignal): Promise<boolean> {
    const { contracts, reader, sender, pollMs } = this.#parts;
    const { DisputeGame } = contracts;
    const game = (await this.#gameOf(claim)) ?? (await this.#open(claim));
    if (game?.stage === "free") {
      const demand = DisputeGame.demand.populateTransaction(game.gameId, CLAIM_FILES.indexOf(file), leafIndex);
      if (!(await sendMove(this.#parts, game.gameId, "demand", demand))) return false;
    } else if (game?.stage !== "demanded") return false;
    for (;;) {
      const view = await reader.view(game.gameId);
      if (view.stage === "free") return true;
      if (view.stage !== "demanded") {
        await carryOut(this.#parts, view);
        return false;
      }
      if ((await chainTime(sender.provider)) > view.turnEnds) await sendTimeout(this.#parts, game.gameId);
      else await sleep(pollMs, undefined, { signal });
    }
  }

  /** Challenges a claim, or goes on with a game against it, and plays to the end. */
  async doubt(claim: SeenClaim, recomputed: RecomputedClaim, signal: AbortSignal): Promise<void> {
    const { logger, pollMs } = this.#parts;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      try {
        const doubt = await doubtOf(claim, recomputed, this.filesOf(claim), signal);
        await this.#challenge(claim, recomputed, doubt, signal);
        return;
      } catch (error) {
        if (isStopped()) return;
        if (error instanceof LeafNeeded) {
          if (await this.ask(claim, error, signal)) continue;
          return;
        }
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        logger.warn({ job: claim.jobId.toString(), err: error }, "the game is held up; trying again");
        await sleep(pollMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Ends what is left of games against claims that are gone: takes bonds back, and has authors slashed that were not yet. */
  async tidy(signal: AbortSignal): Promise<void> {
    const { reader, sender } = this.#parts;
    for (const { gameId } of await reader.gamesOf(sender.address)) {
      signal.throwIfAborted();
      const view = await reader.view(gameId);
      if (view.turn === undefined) await carryOut(this.#parts, view);
      else await closeIfFallen(this.#parts, view);
    }
  }

  async #challenge(claim: SeenClaim, recomputed: RecomputedClaim, doubt: Doubt, signal: AbortSignal): Promise<void> {
    const { logger, contracts } = this.#parts;
    const { DisputeGame } = contracts;
    const { charge } = doubt;
    let game = await this.#gameOf(claim);
    if (game === undefined || game.stage === "free") {
      if (charge === undefined) {
        logger.error({ job: claim.jobId.toString() }, "the claim differs, but nothing can be shown against it");
        return;
      }
      if ("accusation" in charge) {
        const accusation = encodeAccusation(charge.accusation);
        if (game === undefined) {
          const challenge = DisputeGame.challenge.populateTransaction(claim.jobId, claim.claim, accusation);
          game = await this.openBy(challenge);
        } else {
          await sendMove(
            this.#parts,
            game.gameId,
            "accuse",
            DisputeGame.accuse.populateTransaction(game.gameId, accusation),
          );
        }
      } else {
        game ??= await this.#open(claim);
        if (game === undefined) return;
        const { fault, proof } = encodeFault(charge);
        await sendMove(
          this.#parts,
          game.gameId,
          charge.fault,
          DisputeGame.refute.populateTransaction(game.gameId, fault, proof),
        );
      }
    }
    if (game === undefined) return;
    let own: Promise<OwnExecution> | undefined;
    const { gameId } = game;
    await playAsChallenger(
      this.#parts,
      gameId,
      () => (own ??= this.#compute(gameId, recomputed, doubt, signal)),
      signal,
    );
  }

  async #compute(
    gameId: bigint,
    recomputed: RecomputedClaim,
    { trace }: Doubt,
    signal: AbortSignal,
  ): Promise<OwnExecution> {
    const { execution } = await this.#parts.reader.log(gameId);
    ensureInvariant(execution !== undefined, "WORKER_GAME_EXECUTION", `game ${gameId} names no execution`);
    const { job } = recomputed;
    const name = nameOf(job, execution);
    const detail = await Detail.compute(executionOf(job, name, trainingOf(recomputed)), { signal });
    if (name.section !== "average") return { detail };
    const endSlot = name.round * traceSlots(job.program.parts) + 1;
    return { detail, trace: { tree: trace.tree, leaf: (index) => trace.leaf(index), endSlot } };
  }

  /**
   * Whether to ask a claim's author for what only it can show. If the claim is right after all, the bond is lost, and whoever hides the files
   * of right claims lives on that: so it is done only if nothing remains open in the end, and never again with an author who has won such
   * a bet.
   */
  async #isWorthABond(claim: SeenClaim, demands: number): Promise<boolean> {
    const { contracts, reader, sender } = this.#parts;
    const game = await this.#gameOf(claim);
    const spent = game === undefined ? 0 : game.demands - (game.stage === "demanded" ? 1 : 0);
    if (BigInt(spent + demands) > (await readChain(contracts.DisputeGame.MAX_DEMANDS()))) return false;
    if (game !== undefined) return true;
    const { author } = (await readChain(contracts.JobRegistry.job(claim.jobId))).claim;
    for (const { gameId, ...earlier } of await reader.gamesOf(sender.address)) {
      if (sameAddress(earlier.author, author) && (await reader.view(gameId)).stage === "lost") return false;
    }
    return true;
  }

  /** The newest game against a claim that is not over, or that is won but not carried out. */
  async #gameOf({ jobId, claim }: SeenClaim): Promise<GameView | undefined> {
    const { reader, sender } = this.#parts;
    const games = await reader.gamesOf(sender.address, jobId);
    for (const { gameId, claimNumber } of games) {
      if (claimNumber !== claim) continue;
      const view = await reader.view(gameId);
      if (view.turn !== undefined || view.stage === "won") return view;
    }
    return undefined;
  }

  #open({ jobId, claim }: SeenClaim): Promise<GameView | undefined> {
    return this.openBy(this.#parts.contracts.DisputeGame.open.populateTransaction(jobId, claim));
  }

  /** Pays the bond and opens a game; undefined if the chain refuses, for instance because the window is over. */
  openBy(opening: Promise<ContractTransaction>): Promise<GameView | undefined> {
    const { contracts, sender, reader, logger } = this.#parts;
    const { DisputeGame, Token } = contracts;
    return this.#opening.run(async () => {
      const bondWei = await readChain(DisputeGame.bondWei());
      let receipt: TransactionReceipt;
      try {
        await sender.send(Token.approve.populateTransaction(await DisputeGame.getAddress(), bondWei));
        receipt = await sender.send(opening);
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind !== "revert") throw error;
        logger.error({ err: error }, "the chain takes no challenge");
        return undefined;
      }
      const { gameId } = eventOf(receipt, DisputeGame, "GameOpened");
      logger.info({ game: gameId.toString() }, "opened a game");
      return reader.view(gameId);
    });
  }
}

function trainingOf({ job, starts, finalWeights, files, joined }: RecomputedClaim): JobTraining {
  return {
    start: (round) => starts[round] ?? finalWeights,
    ends: (round) =>
      Array.from({ length: job.program.parts }, (_, part) => runPart(job, starts[round] ?? finalWeights, round, part)),
    credits: files.credits,
    accounts: job.datasetAccounts.length + 1 + joined.length,
  };
}
