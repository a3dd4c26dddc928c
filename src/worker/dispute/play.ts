import { setTimeout as sleep } from "node:timers/promises";

import { AbiCoder, type ContractTransaction, ZeroAddress } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { jobState } from "../../compute/job-state.ts";
import { GlassboxError } from "../../core/errors.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { gameMoves } from "../worker-metrics.ts";
import { challengerMove, type OwnExecution } from "./challenger-move.ts";
import type { GameReader, GameView } from "./game-reader.ts";

/** What the chain refuses is tried ever more rarely. */
const MAX_WAIT_MS = 30_000;

/** What a player of games works with. */
export interface PlayerParts {
  readonly contracts: Contracts;
  readonly reader: GameReader;
  /** Who plays, and pays the bonds. */
  readonly sender: TxSender;
  readonly logger: Logger;
  /** How often it looks whether the other side has moved. */
  readonly pollMs: number;
}

/** Sends a move. What the chain refuses is told and not repeated here: the game may have moved on meanwhile. */
export async function sendMove(
  { sender, logger }: PlayerParts,
  gameId: bigint,
  move: string,
  request: ContractTransaction | Promise<ContractTransaction>,
): Promise<boolean> {
  try {
    await sender.send(request);
    gameMoves.inc({ move, outcome: "taken" });
    logger.info({ game: gameId.toString(), move }, "moved in a game");
    return true;
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
    gameMoves.inc({ move, outcome: "refused" });
    logger.warn({ game: gameId.toString(), move, err: error }, "a move was not taken");
    return false;
  }
}

/**
 * Plays a game as its challenger from the accusation to the end, and carries the verdict out.
 * @param own is asked for when it is needed first.
 */
export async function playAsChallenger(
  parts: PlayerParts,
  gameId: bigint,
  own: () => Promise<OwnExecution>,
  signal: AbortSignal,
): Promise<void> {
  const { contracts, reader, sender, logger, pollMs } = parts;
  for (let wait = pollMs; ;) {
    signal.throwIfAborted();
    const view = await reader.view(gameId);
    if (view.turn === undefined) return carryOut(parts, view);
    if (await closeIfFallen(parts, view)) return;
    const isLate = (await chainTime(sender.provider)) > view.turnEnds;
    if (view.turn === "author") {
      if (isLate && (await sendTimeout(parts, gameId))) continue;
    } else {
      if (isLate || view.stage === "free") return;
      const move = await challengerMove(contracts, reader, view, await own(), signal);
      if (move === undefined) {
        logger.error({ game: gameId.toString(), stage: view.stage }, "nothing differs from what was computed");
        return;
      }
      if (await sendMove(parts, gameId, view.stage, move)) {
        wait = pollMs;
        continue;
      }
      wait = Math.min(2 * wait, MAX_WAIT_MS);
    }
    await sleep(wait, undefined, { signal });
  }
}

/** Says that the other side's turn has passed. */
export function sendTimeout(parts: PlayerParts, gameId: bigint): Promise<boolean> {
  const { DisputeGame } = parts.contracts;
  return sendMove(parts, gameId, "claimTimeout", DisputeGame.claimTimeout.populateTransaction(gameId));
}

/** After a game: has a lost claim refuted and its author slashed, unless that was done, burns what is to be burnt, and takes what is owed. */
export async function carryOut(parts: PlayerParts, { gameId, stage, subject }: GameView): Promise<void> {
  const { contracts, logger } = parts;
  const { DisputeGame } = contracts;
  logger.info({ game: gameId.toString(), stage }, "a game is over");
  if (stage === "won") await sendMove(parts, gameId, "settle", DisputeGame.settle.populateTransaction(gameId));
  if (stage === "won" || stage === "settled") {
    // A lost audit costs a bond, no stake.
    if (subject !== "audit") await punish(parts, gameId);
    await burnOwed(parts);
  }
  await withdrawOwed(parts);
}

/** Has the author of a lost game slashed, unless that was done. */
async function punish(parts: PlayerParts, gameId: bigint): Promise<void> {
  const { DisputeGame, JobRegistry, Slasher } = parts.contracts;
  const evidence = AbiCoder.defaultAbiCoder().encode(["uint256"], [gameId]);
  const service = await readChain(JobRegistry.serviceId());
  const { operator, offenceKey } = await readChain(DisputeGame.verify(service, evidence));
  if ((await readChain(Slasher.punishedWad(service, operator, offenceKey))) > 0n) return;
  await sendMove(parts, gameId, "slash", Slasher.submit.populateTransaction(service, evidence));
}

/** Burns what lost bonds and slashes owe to nobody: until somebody does, it counts as tokens that exist. */
async function burnOwed(parts: PlayerParts): Promise<void> {
  const { DisputeGame, JobRegistry, AuditDesk, StakePool } = parts.contracts;
  for (const contract of [DisputeGame, JobRegistry, AuditDesk] as const) {
    if ((await readChain(contract.owedWei(BURN_ADDRESS))) === 0n) continue;
    await sendMove(parts, 0n, "burn", contract.burn.populateTransaction());
  }
  if ((await readChain(StakePool.owedWei(ZeroAddress))) === 0n) return;
  await sendMove(parts, 0n, "burn", StakePool.sweep.populateTransaction(ZeroAddress));
}

/** Takes the bond back if the game's claim has lost another one. @returns whether it has */
export async function closeIfFallen(parts: PlayerParts, view: GameView): Promise<boolean> {
  if (!(await isFallen(parts.contracts, view))) return false;
  const { DisputeGame } = parts.contracts;
  await sendMove(parts, view.gameId, "closeVoid", DisputeGame.closeVoid.populateTransaction(view.gameId));
  await withdrawOwed(parts);
  return true;
}

/** Takes bonds and rewards, so that they can be bonds again. */
export async function withdrawOwed(parts: PlayerParts): Promise<void> {
  const { DisputeGame, JobRegistry, AuditDesk } = parts.contracts;
  const { address } = parts.sender;
  for (const contract of [DisputeGame, JobRegistry, AuditDesk] as const) {
    if ((await readChain(contract.owedWei(address))) === 0n) continue;
    await sendMove(parts, 0n, "withdraw", contract.withdraw.populateTransaction(address));
  }
}

/** Whether the claim of a game has lost another one: then the game is void. */
export async function isFallen(
  { JobRegistry }: Contracts,
  { subject, jobId, claimNumber }: GameView,
): Promise<boolean> {
  if (subject !== "claim") return false;
  const job = await readChain(JobRegistry.job(jobId));
  return jobState(job) !== "claimed" || Number(job.claim.number) !== claimNumber;
}

/** In whose name contracts keep what is to be burnt. */
const BURN_ADDRESS = "0x000000000000000000000000000000000000dEaD";
