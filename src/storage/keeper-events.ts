import { GlassboxError } from "../core/errors.ts";

/** What happened to a keeper, for the log. */
export type KeeperEvent = (message: string, details: Readonly<Record<string, unknown>>) => void;

/** Tells of an expected refusal, which the next block may undo; anything else is a bug and goes on. */
export function tellRefusal(
  onEvent: KeeperEvent,
  message: string,
  error: unknown,
  details: Readonly<Record<string, unknown>>,
): void {
  if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
  onEvent(message, { ...details, code: error.code, reason: error.message });
}
