import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { GlassboxError } from "../../core/errors.ts";
import type { Handler } from "../command.ts";
import type { Context } from "../context.ts";
import { HARDHAT, PROJECT_ROOT } from "../hardhat.ts";

/** One step of the whole test run. A step without counts of its own counts as one test. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

/** A step that takes longer hangs; it is ended, and what it said until then is shown. */
const STEP_LIMIT_MS = 15 * 60_000;

const bin = (path: string, ...args: string[]) => [`node_modules/${path}`, ...args];
const mocha = (folder: string) => [HARDHAT, "test", "mocha", "--no-compile", ...testFiles(folder)];

/** Everything else needs what this makes. */
const BUILD: Step = { name: "build", args: [HARDHAT, "build", "--no-tests"] };

const checks = (): readonly Step[] => [
  { name: "format", args: bin("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ".") },
  { name: "types", args: bin("typescript/bin/tsc", "--project", ".") },
  { name: "lint TypeScript", args: bin("eslint/bin/eslint.js", ".") },
  { name: "lint Solidity", args: bin("solhint/solhint.js", "--quiet", "contracts/**/*.sol") },
  { name: "layers", args: bin("dependency-cruiser/bin/dependency-cruiser.mjs", "src", "scripts") },
  { name: "unused code", args: bin("knip/bin/knip.js") },
  { name: "sizes, schemas and test names", args: ["scripts/checks.ts"] },
];

/** The longest ones first. */
const tests = (): readonly Step[] => [
  { name: "end to end", args: mocha("test/e2e") },
  { name: "sources", args: mocha("test/src") },
  {
    name: "contracts and their gas",
    args: [
      HARDHAT,
      ...["--build-profile", "tests"],
      ...["test", "solidity", "--no-compile"],
      ...["--snapshot-check", "--tolerance", "1"],
    ],
  },
  { name: "contracts with ethers", args: mocha("test/contracts") },
  { name: "circuits", args: mocha("test/circuits") },
  { name: "scripts", args: mocha("test/scripts") },
];

/** Steps at a time. */
const LANES = 2;

/** Runs every check and test and closes with the totals. */
export const test: Handler = async (context) => {
  const totals = { passed: 0, failed: 0 };
  const take = async (step: Step): Promise<void> => {
    const { passed, failed } = await report(step, context);
    totals.passed += passed;
    totals.failed += failed;
  };
  await take(BUILD);
  const waiting = [...tests(), ...checks()];
  const lane = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await take(step);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const { passed, failed } = totals;
  context.result(totals, `${passed} passed, ${failed} failed`);
  if (failed > 0) throw new GlassboxError("check", "CLI_TESTS_FAILED", `${failed} tests or checks failed`);
};

async function report(step: Step, context: Context): Promise<{ passed: number; failed: number }> {
  context.signal.throwIfAborted();
  const started = performance.now();
  const { code, output } = await run(step.args, context.signal);
  const counts = { passed: count(output, "passing"), failed: count(output, "failing") };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code === 0 && counts.passed === 0) counts.passed = 1;
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  context.progress(
    `${code === 0 ? "ok  " : "FAIL"} ${step.name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`,
  );
  if (code !== 0) context.progress(output);
  return counts;
}

function testFiles(folder: string): string[] {
  const files = readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join(folder, file))
    .sort();
}

async function run(args: readonly string[], signal: AbortSignal): Promise<{ code: number | null; output: string }> {
  const late = AbortSignal.timeout(STEP_LIMIT_MS);
  const child = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.any([signal, late]),
    killSignal: "SIGKILL",
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
  }
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output: chunks.join("") };
  } catch (error) {
    if (!late.aborted) throw error;
    return { code: null, output: `${chunks.join("")}\nended after ${STEP_LIMIT_MS / 60_000} minutes` };
  }
}

function count(output: string, word: "passing" | "failing"): number {
  return [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, "gm"))].reduce((sum, [, n]) => sum + Number(n), 0);
}
