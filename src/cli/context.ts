import type { Settings } from "./settings.ts";

/** What a handler may touch of the outside: output, settings, and the wish to stop. */
export interface Context {
  /** True if the user asked for one JSON value per line on standard output. */
  readonly json: boolean;
  /** Aborts on Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly settings: Settings;
  /** Writes the result: `text` for people, `value` as one JSON line for programs. */
  result(value: unknown, text: string): void;
  /** Writes a line of progress to standard error. */
  progress(line: string): void;
  /** Writes a line of progress that replaces the last one, if standard error is a terminal. */
  live(line: string): void;
}
