import type { Context } from "./context.ts";

/** One `--flag` of a command. A `value` names what follows the flag; without one the flag is a switch. */
export interface Option {
  readonly flag: string;
  readonly value?: string;
  readonly summary: string;
  readonly default?: string;
  /** True if the flag may be given several times. */
  readonly many?: boolean;
}

/** What stands at a place of its own. */
export interface Argument {
  readonly name: string;
  readonly summary: string;
  /** True if it may be left out, and everything behind it. */
  readonly optional?: boolean;
}

/** The values a handler receives: keyed by the camelCase name of the flag or argument. */
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a lazily loaded handler module exports for a command. */
export type Handler = (context: Context, values: Values) => Promise<void> | void;

/** A command or a group of commands, as data: parser, help and completion come from it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** One complete command line that works on a development network. */
  readonly example: string;
  /** Positional arguments in order; a name ending in `...` takes the rest. */
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly subcommands?: readonly Command[];
  /** Imports the handler only when the command runs. */
  readonly load?: () => Promise<Handler>;
}
