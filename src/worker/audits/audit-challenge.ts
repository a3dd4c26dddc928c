import { chainTime, readChain } from "../../chain/read.ts";
import type { Detail } from "../../compute/dispute/detail.ts";
import type { ChainExecution } from "../dispute/chain-execution.ts";
import type { Challenger } from "../dispute/challenger.ts";
import { playAsChallenger, type PlayerParts } from "../dispute/play.ts";

/** An audit that was revealed, as its event names it. */
export interface RevealedAudit {
  readonly auditId: bigint;
  readonly execution: ChainExecution;
}

/** In the order of the contract's `AuditStatus`. */
const REVEALED = 2n;

/** One's own game against an audit, unless it is over. */
export async function gameAgainst(
  { reader, sender, contracts }: PlayerParts,
  auditId: bigint,
): Promise<bigint | undefined> {
  const { jobId } = await readChain(contracts.AuditDesk.audit(auditId));
  for (const { gameId } of await reader.gamesOf(sender.address, jobId)) {
    const { subject, part, stage, turn } = await reader.view(gameId);
    if (subject === "audit" && BigInt(part) === auditId && (turn !== undefined || stage === "won")) return gameId;
  }
  return undefined;
}

/** Whether a game against an audit can be opened now. */
export async function isChallengeable({ contracts, sender }: PlayerParts, auditId: bigint): Promise<boolean> {
  const { AuditDesk } = contracts;
  const { status, revealedAt } = await readChain(AuditDesk.audit(auditId));
  if (status !== REVEALED) return false;
  return (await chainTime(sender.provider)) <= revealedAt + (await readChain(AuditDesk.challengeSeconds()));
}

/** Plays the game against a false audit to its end, or goes on with it. */
export async function challengeAudit(
  parts: PlayerParts,
  challenger: Challenger,
  { auditId, execution }: RevealedAudit,
  detail: Detail,
  signal: AbortSignal,
): Promise<void> {
  const { DisputeGame } = parts.contracts;
  const gameId =
    (await gameAgainst(parts, auditId)) ??
    (await challenger.openBy(DisputeGame.challengeAudit.populateTransaction(auditId, execution)))?.gameId;
  if (gameId !== undefined) await playAsChallenger(parts, gameId, () => Promise.resolve({ detail }), signal);
}
