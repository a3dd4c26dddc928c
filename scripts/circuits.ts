import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { GlassboxError, ensureInput } from "../src/core/errors.ts";
import { circuitInstances, circuitSources, mainSourceOf, type CircuitInstance } from "../src/proofs/circuit-library.ts";
import { type Circuit, compileInstance } from "../src/proofs/compile-instance.ts";
import { inferenceCircuit } from "../src/proofs/inference-key.ts";
import { ProofProcess } from "../src/proofs/proof-process.ts";
import { readR1csHeader } from "../src/proofs/r1cs.ts";

const USAGE = `usage: node scripts/circuits.ts <command>
  check                                     compile every circuit and compare it with its budget
  begin <r1cs> <ptau> <zkey>                first proving key of a ceremony
  contribute <from> <to> <name>             add a contribution; its entropy is one line on standard input
  beacon <from> <to> <hex> <exponent>       end the ceremony with public randomness
  verify <r1cs> <ptau> <zkey>               check a finished ceremony`;

const prover = new ProofProcess();
try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GlassboxError)) throw error;
  process.stderr.write(`circuits: ${error.message} [${error.code}]\n`);
  process.exitCode = 2;
} finally {
  prover.close();
}

async function run([command = "", ...args]: string[]): Promise<void> {
  const [first = "", second = "", third = "", fourth = ""] = args;
  const counts: Record<string, number> = { check: 0, begin: 3, contribute: 3, beacon: 4, verify: 3 };
  ensureInput(counts[command] === args.length, "PROOFS_USAGE", USAGE);
  const ceremony = { r1csPath: first, ptauPath: second, zkeyPath: third };
  if (command === "check") await check();
  if (command === "begin") await prover.call("beginCeremony", [ceremony]);
  if (command === "contribute") await prover.call("contribute", [first, second, third, await readEntropy()]);
  if (command === "beacon") await prover.call("applyBeacon", [first, second, third, Number(fourth)]);
  if (command === "verify") await prover.call("verifyCeremony", [ceremony]);
}

async function check(): Promise<void> {
  for (const instance of circuitInstances()) {
    const { name, maxConstraints } = instance;
    const directory = await mkdtemp(join(tmpdir(), "glassbox-circuit-"));
    try {
      const { r1csPath } = await compileInstance(circuitOf(instance), directory, prover);
      const { constraintCount } = await readR1csHeader(r1csPath);
      process.stdout.write(`${name}: ${constraintCount} constraints of ${maxConstraints}\n`);
    } finally {
      await rm(directory, { recursive: true });
    }
  }
}

/** Where weights are baked in, with weights of 1: constraint counts hardly depend on them. */
function circuitOf(instance: CircuitInstance): Circuit {
  if (instance.template !== "MlpInference") return { instance, sources: circuitSources(mainSourceOf(instance)) };
  const { inputs, hidden, outputs } = instance.parameters;
  const weights = {
    hidden: new Int16Array(hidden * inputs).fill(1),
    outputs: new Int16Array(outputs * hidden).fill(1),
  };
  return inferenceCircuit(weights, instance.parameters);
}

async function readEntropy(): Promise<string> {
  let entropy = "";
  for await (const chunk of process.stdin) entropy += String(chunk);
  ensureInput(entropy.trim().length >= 32, "PROOFS_ENTROPY_SHORT", "the entropy needs at least 32 characters");
  return entropy.trim();
}
