import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { GlassboxError } from "../core/errors.ts";
import type { MlpShapes } from "./mlp-circuit.ts";

const CIRCUITS = fileURLToPath(new URL("../../circuits/", import.meta.url));
const CIRCOMLIB = join(dirname(createRequire(import.meta.url).resolve("circomlib/package.json")), "circuits");

const instanceSchema = z.strictObject({
  name: z.string(),
  template: z.literal("MlpInference"),
  parameters: z.strictObject({
    inputs: z.int().min(2),
    hidden: z.int().min(1),
    outputs: z.int().min(2),
    shift: z.int().min(1),
  }),
  publicSignals: z.array(z.string()),
  maxConstraints: z.int().positive(),
  maxDomain: z.int().positive(),
});

/** A circuit that this project proves with, and what it may cost. */
export type CircuitInstance = z.infer<typeof instanceSchema>;

/** Every instance of `circuits/circuits.json`. */
export function circuitInstances(): readonly CircuitInstance[] {
  const text = readFileSync(join(CIRCUITS, "circuits.json"), "utf8");
  return z.strictObject({ circuits: z.array(instanceSchema) }).parse(JSON.parse(text)).circuits;
}

/**
 * The listed instance of an architecture.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN`
 */
export function circuitInstance({ inputs, hidden, outputs, shift }: MlpShapes): CircuitInstance {
  const found = circuitInstances().find(
    ({ parameters: p }) => p.inputs === inputs && p.hidden === hidden && p.outputs === outputs && p.shift === shift,
  );
  if (found) return found;
  throw new GlassboxError(
    "usage",
    "PROOFS_CIRCUIT_UNKNOWN",
    `no circuit for ${inputs}-${hidden}-${outputs}, shift ${shift}`,
    {
      hint: "circuits/circuits.json lists every architecture",
    },
  );
}

/**
 * The given main file with everything it includes, by file name: ours from `circuits/`, the rest from circomlib.
 * The compiler reads only below one folder and follows no links out of it, so the caller writes these files into a folder of its own.
 */
export function circuitSources(mainSource: string): Map<string, string> {
  const sources = new Map([["main.circom", mainSource]]);
  const pending = includes(mainSource);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (sources.has(name)) continue;
    const source = readSource(name);
    sources.set(name, source);
    pending.push(...includes(source));
  }
  return sources;
}

function includes(source: string): string[] {
  return [...source.matchAll(/^\s*include\s+"([^"]+)";/gm)].map((match) => match[1]!);
}

function readSource(name: string): string {
  for (const folder of [CIRCUITS, CIRCOMLIB]) {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new GlassboxError("bug", "PROOFS_SOURCE_MISSING", `neither circuits/ nor circomlib has ${name}`);
}
