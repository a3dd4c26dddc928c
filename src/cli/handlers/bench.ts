import { z } from "zod";

import { ensureInvariant } from "../../core/errors.ts";
import type { Handler } from "../command.ts";
import type { Context } from "../context.ts";
import { buildContracts, runHardhat, runScript } from "../hardhat.ts";

const figureSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  peer: z.strictObject({ name: z.string(), value: z.number() }).nullish(),
});

/** Measures the contracts of shared staking on an embedded chain. */
export const staking: Handler = async (context) => {
  context.progress("compiling the contracts: some minutes the first time");
  await buildContracts(context.signal);
  context.progress("measuring");
  show(context, await runHardhat(["run", "bench/staking.ts", "--no-compile"], {}, context.signal));
};

/** Measures training, commitments and proofs, beside their peers. */
export const compute: Handler = async (context) => {
  context.progress("compiling the contracts: some minutes the first time");
  await buildContracts(context.signal);
  context.progress("measuring; the peers are installed by npm the first time");
  show(context, await runScript("bench/compute.ts", context.signal));
};

function show(context: Context, output: string): void {
  const line = output.split("\n").findLast((text) => text.startsWith("["));
  ensureInvariant(line !== undefined, "CLI_BENCH_SILENT", "the benchmark printed no figures");
  const figures = z.array(figureSchema).nonempty().parse(JSON.parse(line));
  context.result(figures, figures.map(row).join("\n"));
}

function row({ name, value, unit, peer }: z.infer<typeof figureSchema>): string {
  const own = `${name.padEnd(28)} ${value.toLocaleString("en").padStart(12)} ${unit}`;
  return peer ? `${own} (${(value / peer.value).toFixed(1)} times ${peer.name})` : own;
}
