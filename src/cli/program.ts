import { Command as Parser, CommanderError, Option as ParserOption } from "commander";

import { GlassboxError } from "../core/errors.ts";
import type { Command, Handler, Option, Values } from "./command.ts";
import { flagName, SETTINGS } from "./settings.ts";

/** A command line that was understood: run `load`, call the handler with `values`. */
export interface Invocation {
  readonly load: () => Promise<Handler>;
  readonly values: Values;
}

const common: readonly Option[] = [
  { flag: "json", summary: "print results as JSON lines on standard output" },
  { flag: "config", value: "file", summary: "configuration file (default: glassbox.toml if there)" },
  ...Object.entries(SETTINGS).map(([name, setting]) => ({
    flag: flagName(name),
    value: setting.value,
    summary: "default" in setting ? `${setting.summary} (default: ${setting.default})` : setting.summary,
  })),
];

/**
 * Understands a command line.
 * @returns undefined if it was help or the version, which are then printed already.
 * @throws GlassboxError `CLI_USAGE`.
 */
export function parseCommandLine(root: Command, version: string, argv: readonly string[]): Invocation | undefined {
  let invocation: Invocation | undefined;
  const parser = build(root, (found) => (invocation = found)).version(version);
  try {
    parser.parse(withPlainHelp(root, argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || error.code === "commander.help") return undefined;
    throw usageError(error);
  }
  return invocation;
}

/**
 * Turns `help <command>` into `<command> --help`, and drops what follows a word that is no command: the parser would print help for
 * the flag behind it, and not say that there is no such command.
 */
function withPlainHelp(root: Command, argv: readonly string[]): string[] {
  const words: string[] = [];
  let group = root;
  let isHelp = false;
  for (const [index, word] of argv.entries()) {
    if (!group.subcommands || word.startsWith("-")) {
      words.push(...argv.slice(index));
      break;
    }
    if (word === "help" && !isHelp) {
      isHelp = true;
      continue;
    }
    words.push(word);
    const child = group.subcommands.find(({ name }) => name === word);
    if (!child) return words;
    group = child;
  }
  return isHelp ? [...words, "--help"] : words;
}

function usageError(error: CommanderError): GlassboxError {
  const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  const [, flag] = /^unknown option '--([a-z-]+)'$/.exec(message) ?? [];
  // Every command has the common options: one that is unknown stands before a command, or without one.
  const isCommon = common.some((option) => option.flag === flag);
  const hint = isCommon ? `--${flag} goes after the command` : "add --help to see what the command takes";
  return new GlassboxError("usage", "CLI_USAGE", message, { hint });
}

function build(command: Command, found: (invocation: Invocation) => void): Parser {
  const parser = new Parser(command.name)
    .description(command.summary)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stdout.write(text), outputError: () => undefined })
    .showSuggestionAfterError()
    .addHelpText("after", `\nExample:\n  $ ${command.example}`);
  for (const argument of command.arguments ?? []) {
    parser.argument(argument.optional ? `[${argument.name}]` : `<${argument.name}>`, argument.summary);
  }
  const options = command.load ? [...(command.options ?? []), ...common] : [];
  for (const option of options) addOption(parser, option);
  for (const child of command.subcommands ?? []) parser.addCommand(build(child, found));
  const { load } = command;
  if (load) {
    parser.action(() => {
      const names = (command.arguments ?? []).map(({ name }) => camelCase(name.replace("...", "")));
      const positional = names.map((name, index) => [name, parser.processedArgs[index] as string] as const);
      found({ load, values: { ...parser.opts<Record<string, string>>(), ...Object.fromEntries(positional) } });
    });
  }
  return parser;
}

function addOption(parser: Parser, option: Option): void {
  const flags = `--${option.flag}${option.value ? ` <${option.value}>` : ""}`;
  if (option.many) {
    const repeated = new ParserOption(flags, option.summary)
      .argParser((value: string, all: readonly string[]) => [...all, value])
      .default([], "none");
    parser.addOption(repeated);
  } else {
    parser.option(flags, option.summary, option.default);
  }
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
