import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ensureInput } from "../core/errors.ts";
import { type Artefacts, artefacts } from "./artefact-cache.ts";
import type { CircuitInstance } from "./circuit-library.ts";
import type { ProofProcess } from "./proof-process.ts";
import { domainSize } from "./qap.ts";
import { readR1csHeader } from "./r1cs.ts";
import { COMPILED } from "./toolchain.ts";

/** A circuit before it is compiled. */
export interface Circuit {
  readonly instance: CircuitInstance;
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Compiles into `directory`: everything of the artefacts but the proving key.
 * @throws GlassboxError `PROOFS_COMPILE_FAILED`, `PROOFS_CIRCUIT_OVER_BUDGET`; `signal.reason` on abort
 */
export async function compileInstance(
  { instance, sources }: Circuit,
  directory: string,
  process: ProofProcess,
  signal?: AbortSignal,
): Promise<Artefacts> {
  const files = artefacts(directory);
  const sourceDir = join(directory, "sources");
  await mkdir(sourceDir, { recursive: true });
  for (const [name, source] of sources) await writeFile(join(sourceDir, name), source);
  await process.call("compileCircuit", [sourceDir, instance.optimisation], signal);
  await rename(join(sourceDir, COMPILED.r1cs), files.r1csPath);
  await rename(join(sourceDir, COMPILED.wasm), files.wasmPath);
  await rm(sourceDir, { recursive: true });
  await ensureBudget(instance, files.r1csPath);
  return files;
}

async function ensureBudget({ name, maxConstraints, maxDomain }: CircuitInstance, r1csPath: string): Promise<void> {
  const { constraintCount, publicCount } = await readR1csHeader(r1csPath);
  const domain = domainSize(constraintCount, publicCount);
  const details = { name, constraintCount, maxConstraints, domain, maxDomain };
  const message = `${name} takes ${constraintCount} constraints (domain ${domain}), its budget is ${maxConstraints} (${maxDomain})`;
  ensureInput(constraintCount <= maxConstraints && domain <= maxDomain, "PROOFS_CIRCUIT_OVER_BUDGET", message, {
    details,
  });
}
