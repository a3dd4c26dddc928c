import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";

import { type Hex, toHex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { keccak256 } from "../crypto/keccak.ts";

const CIRCUITS = fileURLToPath(new URL("../../circuits/", import.meta.url));
const CIRCOMLIB = join(dirname(createRequire(import.meta.url).resolve("circomlib/package.json")), "circuits");

const network = z.strictObject({
  inputs: z.int().min(2),
  hidden: z.int().min(1),
  outputs: z.int().min(2),
  shift: z.int().min(1),
});
const training = z.strictObject({
  features: z.int().min(1),
  batch: z.int().min(1),
  steps: z.int().min(1),
  bias: z.int().min(1).max(127),
  logitShift: z.int().min(1),
  updateShift: z.int().min(1),
});
const common = {
  name: z.string(),
  optimisation: z.enum(["O1", "O2"]),
  publicSignals: z.array(z.string()),
  maxConstraints: z.int().positive(),
  maxDomain: z.int().positive(),
};
/** Parameters stand in the order in which the template takes them. */
const instanceSchema = z.discriminatedUnion("template", [
  z.strictObject({ ...common, template: z.literal("MlpInference"), parameters: network }),
  z.strictObject({ ...common, template: z.literal("CommittedMlp"), parameters: network }),
  z.strictObject({ ...common, template: z.literal("SoftmaxTraining"), parameters: training }),
]);

/** A circuit that this project proves with, and what it may cost. */
export type CircuitInstance = z.infer<typeof instanceSchema>;

/** The instances of one template. */
export type InstanceOf<Template extends CircuitInstance["template"]> = Extract<CircuitInstance, { template: Template }>;

/** Every instance of `circuits/circuits.json`. */
export function circuitInstances(): readonly CircuitInstance[] {
  const text = readFileSync(join(CIRCUITS, "circuits.json"), "utf8");
  return z.strictObject({ circuits: z.array(instanceSchema) }).parse(JSON.parse(text)).circuits;
}

/**
 * The listed instance of a template with these parameters.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN`
 */
export function circuitInstance<Template extends CircuitInstance["template"]>(
  template: Template,
  parameters: InstanceOf<Template>["parameters"],
): InstanceOf<Template> {
  const wanted = circuitName(template, parameters);
  const found = circuitInstances().find((instance) => circuitName(instance.template, instance.parameters) === wanted);
  if (found) return found as InstanceOf<Template>;
  throw new GlassboxError("usage", "PROOFS_CIRCUIT_UNKNOWN", `no circuit is ${wanted}`, {
    hint: "circuits/circuits.json lists every instance",
  });
}

/** An instance's id on chain: keccak256 of its name, like `MlpInference(784,32,10,17)`. With baked weights keys of one instance differ. */
export function circuitId(template: CircuitInstance["template"], parameters: CircuitInstance["parameters"]): Hex {
  return toHex(keccak256(utf8ToBytes(circuitName(template, parameters))));
}

function circuitName(template: CircuitInstance["template"], parameters: CircuitInstance["parameters"]): string {
  const { shape } = template === "SoftmaxTraining" ? training : network;
  const values = parameters as Readonly<Record<string, number>>;
  return `${template}(${Object.keys(shape)
    .map((name) => values[name])
    .join(",")})`;
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

/** The main file of a template whose parameters are plain numbers. */
export function mainSourceOf({ template, parameters }: CircuitInstance): string {
  return [
    "// SPDX-License-Identifier: GPL-3.0-or-later",
    "pragma circom 2.2.0;",
    `include "${template}.circom";`,
    `component main = ${circuitName(template, parameters)};`,
    "",
  ].join("\n");
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
