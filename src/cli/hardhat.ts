import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { GlassboxError } from "../core/errors.ts";

/** The project's root folder. */
export const PROJECT_ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Hardhat's command line, to be run by Node. */
export const HARDHAT = "node_modules/hardhat/dist/src/cli.js";

/** How `scripts/deploy.ts` tells an expected error: message, code and hint. */
const REFUSAL = /^deploy: (.+) \[([A-Z_]+)\]$(?:\n {2}hint: (.+)$)?/m;

/**
 * Runs Hardhat in a child process and returns its standard output.
 * @throws GlassboxError what the deployment script refuses, or `CLI_HARDHAT_FAILED` with the end of the error output;
 * the reason of `signal` once the child has ended.
 */
export async function runHardhat(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const { code, output, errors } = await runNode([HARDHAT, ...args], environment, signal);
  if (code === 0) return output;
  const [, message, name, hint] = REFUSAL.exec(errors) ?? [];
  if (message !== undefined && name !== undefined)
    throw new GlassboxError("usage", name, message, hint ? { hint } : {});
  throw new GlassboxError("usage", "CLI_HARDHAT_FAILED", `hardhat ${args[0] ?? ""} failed:\n${end(errors || output)}`, {
    details: { code },
  });
}

/**
 * Runs one of the project's scripts in a child process and returns its standard output.
 * @throws GlassboxError `CLI_SCRIPT_FAILED` with the end of the error output; the reason of `signal` once the child has ended.
 */
export async function runScript(script: string, signal: AbortSignal): Promise<string> {
  const { code, output, errors } = await runNode([script], {}, signal);
  if (code === 0) return output;
  throw new GlassboxError("bug", "CLI_SCRIPT_FAILED", `${script} failed:\n${end(errors || output)}`, {
    details: { code },
  });
}

/** Compiles the contracts and writes their types; quick if nothing changed. */
export async function buildContracts(signal: AbortSignal): Promise<void> {
  await runHardhat(["build", "--no-tests", "--quiet"], {}, signal);
}

async function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ code: number | null; output: string; errors: string }> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => {
    child.kill();
  };
  signal.addEventListener("abort", stop);
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const [code] = (await once(child, "close")) as [number | null];
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  return { code, output: output.join(""), errors: errors.join("") };
}

/** The last lines of what a process said. */
function end(text: string): string {
  return text.trim().split("\n").slice(-12).join("\n");
}
