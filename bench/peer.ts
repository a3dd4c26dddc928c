import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a script of another project's package in `test/compat`, which is installed first if it is not, and gives its last line. */
export async function runPeer(name: string, script: string, args: readonly (string | number)[]): Promise<string> {
  const cwd = fileURLToPath(new URL(`../test/compat/${name}/`, import.meta.url));
  if (!existsSync(join(cwd, "node_modules"))) await run("npm", ["install", "--no-audit", "--no-fund"], { cwd });
  const { stdout } = await run(process.execPath, [script, ...args.map(String)], { cwd });
  return stdout.trim().split("\n").at(-1) ?? "";
}
