import { ensureInput } from "../core/errors.ts";
import type { Values } from "./command.ts";
import { flagName } from "./settings.ts";

/**
 * What follows a flag, or an argument.
 * @throws GlassboxError `CLI_OPTION_MISSING` if it is not given and has no default.
 */
export function textOf(values: Values, name: string): string {
  const text = optionalTextOf(values, name);
  ensureInput(text !== undefined, "CLI_OPTION_MISSING", `--${flagName(name)} is missing`);
  return text;
}

/** What follows a flag, if it is given or has a default. */
export function optionalTextOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** What follows a flag, as `parse` reads it, if it is given or has a default. */
export function optionalOf<T>(values: Values, name: string, parse: (text: string) => T): T | undefined {
  const text = optionalTextOf(values, name);
  return text === undefined ? undefined : parse(text);
}

/** What follows a flag that may be given several times. */
export function textsOf(values: Values, name: string): readonly string[] {
  const value = values[name];
  return typeof value === "object" ? value : [];
}
