import { GlassboxError } from "../core/errors.ts";

/** Runs a check and says in its error where it failed. */
export function located(place: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof GlassboxError)) throw error;
    throw new GlassboxError(error.kind, error.code, `${place}: ${error.message}`, { details: { place }, cause: error });
  }
}
