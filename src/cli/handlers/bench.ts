import { z } from "zod";

import { ensureInvariant } from "../../core/errors.ts";
import type { Handler } from "../command.ts";
import { buildContracts, runHardhat } from "../hardhat.ts";

const figuresSchema = z.array(z.strictObject({ name: z.string(), value: z.number(), unit: z.string() })).nonempty();

/** Measures the contracts of shared staking on an embedded chain. */
export const staking: Handler = async (context) => {
  context.progress("compiling the contracts");
  await buildContracts(context.signal);
  context.progress("measuring");
  const output = await runHardhat(["run", "bench/staking.ts", "--no-compile"], {}, context.signal);
  const line = output.split("\n").findLast((text) => text.startsWith("["));
  ensureInvariant(line !== undefined, "CLI_BENCH_SILENT", "the benchmark printed no figures");
  const figures = figuresSchema.parse(JSON.parse(line));
  const rows = figures.map(
    ({ name, value, unit }) => `${name.padEnd(28)} ${value.toLocaleString("en").padStart(12)} ${unit}`,
  );
  context.result(figures, rows.join("\n"));
};
