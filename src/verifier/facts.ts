import { ensureCheck } from "../core/errors.ts";

/** A value that must equal another one: its name, what was found, what was expected. */
export type Fact = readonly [name: string, actual: bigint | number | string, expected: bigint | number | string];

/**
 * Checks that all facts hold.
 * @throws GlassboxError with `code` for the first that does not.
 */
export function ensureFacts(code: string, subject: string, facts: readonly Fact[]): void {
  for (const [name, actual, expected] of facts) {
    ensureCheck(actual === expected, code, `the ${subject}'s ${name} is ${actual}, expected ${expected}`);
  }
}
