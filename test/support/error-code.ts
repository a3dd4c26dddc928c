import { GlassboxError } from "../../src/core/errors.ts";

/** The code of the project error that `action` throws, or "none". Any other error goes on. */
export function errorCodeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GlassboxError) return error.code;
    throw error;
  }
  return "none";
}
