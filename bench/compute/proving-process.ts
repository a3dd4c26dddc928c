import { readFileSync } from "node:fs";

import { prove } from "../../src/proofs/prove-task.ts";
import { median } from "../median.ts";

const REPEATS = 7;
const MIB = 1_024;

/** Proves answers to made-up inputs and prints the median time after a first proof, and the most memory that was ever resident. */
const [wasmPath = "", zkeyPath = "", inputs = "0"] = process.argv.slice(2);
const pixels = Array.from({ length: Number(inputs) }, (_, i) => BigInt((i * 31 + 7) & 255));
const answer = () => prove(wasmPath, zkeyPath, { pixels });
const { proof, publicInputs } = await answer();
const times: number[] = [];
for (let repeat = 0; repeat < REPEATS; repeat++) {
  const started = performance.now();
  await answer();
  times.push(performance.now() - started);
}
const { userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({
    seconds: Math.round(median(times)) / 1_000,
    cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1_000 / (REPEATS + 1)) / 1_000,
    rssMiB: Math.round(mostResident() / MIB),
    proof: proof.map(String),
    publicInputs: publicInputs.map(String),
  }),
);
process.exit();

/** The most KiB that were ever resident. On Linux `resourceUsage` would count the process that this one was forked from. */
function mostResident(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}
