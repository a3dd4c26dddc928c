import { readFileSync } from "node:fs";

import { EXIT_CODES, GlassboxError } from "../core/errors.ts";
import { COMMANDS } from "./commands.ts";
import type { Context } from "./context.ts";
import { parseCommandLine } from "./program.ts";
import { resolveSettings } from "./settings.ts";
import { Terminal } from "./terminal.ts";
import { optionalTextOf } from "./values.ts";

/** What shells expect of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

const json = process.argv.includes("--json");
const terminal = new Terminal(process);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    stop.abort();
  });
}
process.stdout.on("error", () => process.exit(EXIT_CODES.bug));

process.exitCode = await run();
terminal.settle();

async function run(): Promise<number> {
  try {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    const invocation = parseCommandLine(COMMANDS, version, process.argv.slice(2));
    if (!invocation) return 0;
    const { values } = invocation;
    const context: Context = {
      json,
      signal: stop.signal,
      settings: resolveSettings(values, process.env, optionalTextOf(values, "config")),
      result: (value, text) => {
        terminal.result(json ? JSON.stringify(value, jsonValue) : text);
      },
      progress: (line) => {
        terminal.progress(line);
      },
      live: (line) => {
        terminal.live(line);
      },
    };
    const handler = await invocation.load();
    await handler(context, values);
    return 0;
  } catch (error) {
    if (stop.signal.aborted && error instanceof Error && error.name === "AbortError") return INTERRUPTED;
    return report(await named(error));
  }
}

/** What the chain threw gets a name; loaded only now, because most commands that fail never spoke to it. */
async function named(error: unknown): Promise<unknown> {
  if (error instanceof GlassboxError) return error;
  const { chainError, isChainFailure } = await import("../chain/revert.ts");
  return isChainFailure(error) ? chainError(error) : error;
}

function report(error: unknown): number {
  if (!(error instanceof GlassboxError)) {
    terminal.progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT_CODES.bug;
  }
  if (json) {
    const { kind, code, message, hint, details } = error;
    terminal.progress(JSON.stringify({ error: { kind, code, message, hint, details } }, jsonValue));
  } else {
    terminal.progress(`glassbox: ${error.message} [${error.code}]`);
    if (error.hint) terminal.progress(`  hint: ${error.hint}`);
    if (error.kind === "bug") terminal.progress(error.stack ?? "");
  }
  return EXIT_CODES[error.kind];
}

function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
