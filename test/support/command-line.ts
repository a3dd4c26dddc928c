import { spawn } from "node:child_process";
import { once } from "node:events";

import { expect } from "chai";

import { COMMANDS } from "../../src/cli/commands.ts";
import { PROJECT_ROOT } from "../../src/cli/hardhat.ts";
import { parseCommandLine } from "../../src/cli/program.ts";
import { resolveSettings } from "../../src/cli/settings.ts";
import { expectGlassboxError } from "./expect-error.ts";

/** What a command wrote. */
export interface CommandOutput {
  /** The value of its last result. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The values of all its results. */
  readonly values: readonly unknown[];
  readonly progress: readonly string[];
}

/** Runs a command line in this process, as `main.ts` does. */
export async function runCommand(argv: readonly string[]): Promise<CommandOutput> {
  const invocation = parseCommandLine(COMMANDS, "0.0.0", argv);
  if (!invocation) return { value: {}, text: "", values: [], progress: [] };
  const results: { value: unknown; text: string }[] = [];
  const progress: string[] = [];
  const handler = await invocation.load();
  await handler(
    {
      json: false,
      signal: new AbortController().signal,
      settings: resolveSettings(invocation.values, {}, undefined),
      result: (value, text) => results.push({ value, text }),
      progress: (line) => progress.push(line),
      live: (line) => progress.push(line),
    },
    invocation.values,
  );
  const last = results.at(-1);
  const value = (last?.value ?? {}) as CommandOutput["value"];
  return { value, text: last?.text ?? "", values: results.map((result) => result.value), progress };
}

/** Runs commands on a network whose flags are known when the first one runs, signed by a development account if one is given. */
export function commandsOn(flags: () => readonly string[]) {
  const on = (words: readonly string[], account?: number): Promise<CommandOutput> => {
    const signing = account === undefined ? [] : ["--dev-account", String(account)];
    return runCommand([...words, ...flags(), ...signing]);
  };
  /** Expects that the contracts refuse a command with this error. */
  const refused = async (words: readonly string[], account: number | undefined, error: string): Promise<void> => {
    const { details } = await expectGlassboxError(on(words, account), "revert", "CHAIN_REVERTED");
    expect(details["error"]).to.equal(error);
  };
  return { on, refused };
}

/** How a process of the command line ended. */
export interface ProcessOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a process of its own. */
export async function runProcess(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProcessOutcome> {
  const child = spawn(process.execPath, ["src/cli/main.ts", ...argv], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const outcome = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (outcome[name] += text));
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...outcome };
}
