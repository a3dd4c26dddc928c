import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import { partClaim } from "../../compute/claims.ts";
import { Detail, type DetailOptions } from "../../compute/dispute/detail.ts";
import { partPlace } from "../../compute/training.ts";
import type { Hex } from "../../core/bytes.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import type { LoadedJob } from "../training-job.ts";
import { executionOf } from "./job-executions.ts";
import { playAsChallenger, type PlayerParts } from "./play.ts";

/** A part that an operator signed, and that does not end as it signed. */
export interface WrongPart {
  readonly job: LoadedJob;
  /** `round * parts + part`. */
  readonly index: number;
  /** The weights file that it started from. */
  readonly start: Uint8Array;
  readonly endRoot: Hex;
  readonly signature: Hex;
}

/**
 * Plays the game against the signer of a part to its end, or goes on with it. A part is challenged once.
 * @param options how one's own detail is made, if it is not to be what the program says
 */
export async function challengePart(
  parts: PlayerParts,
  wrong: WrongPart,
  signal: AbortSignal,
  options: Pick<DetailOptions, "meddling"> = {},
): Promise<void> {
  const { job, index, start } = wrong;
  const gameId = (await earlierGame(parts, wrong)) ?? (await openPartGame(parts, wrong));
  const name = { section: "step", ...partPlace(job.program, index) } as const;
  const training = { start: () => start, ends: () => [], credits: undefined, accounts: 0 };
  const own = async () => ({ detail: await Detail.compute(executionOf(job, name, training), { ...options, signal }) });
  await playAsChallenger(parts, gameId, own, signal);
}

async function earlierGame({ reader, sender }: PlayerParts, { job, index }: WrongPart): Promise<bigint | undefined> {
  for (const { gameId } of await reader.gamesOf(sender.address, job.jobId)) {
    const { subject, part } = await reader.view(gameId);
    if (subject === "part" && part === index) return gameId;
  }
  return undefined;
}

async function openPartGame({ contracts, sender }: PlayerParts, wrong: WrongPart): Promise<bigint> {
  const { DisputeGame, Token } = contracts;
  const { job, index, start, endRoot, signature } = wrong;
  const startRoot = fileRoot(start);
  const claim = partClaim(job, { index: BigInt(index), startRoot, endRoot });
  const bondWei = await readChain(DisputeGame.bondWei());
  await sender.send(Token.approve.populateTransaction(await DisputeGame.getAddress(), bondWei));
  const receipt = await sender.send(DisputeGame.challengePart.populateTransaction(claim, signature, startRoot));
  return eventOf(receipt, DisputeGame, "GameOpened").gameId;
}
