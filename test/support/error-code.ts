import { GlassboxError } from "../../src/core/errors.ts";

/** The code of the project error that `action` throws, or "none". Any other error goes on. */
export function errorCodeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return knownCode(error);
  }
  return "none";
}

/** The code of the project error that `action` throws or rejects with, or "none". Any other error goes on. */
export async function rejectionCodeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return knownCode(error);
  }
  return "none";
}

function knownCode(error: unknown): string {
  if (error instanceof GlassboxError) return error.code;
  throw error;
}
