import { createHash } from "node:crypto";
import { copyFile, readFile, rm } from "node:fs/promises";

import { type CachedKey, cacheKey, createStaging, defaultCacheDir, publish, readCached } from "./artefact-cache.ts";
import { type CircuitInstance, circuitId, circuitSources, mainSourceOf } from "./circuit-library.ts";
import { type Circuit, compileInstance } from "./compile-instance.ts";
import type { Hex } from "../core/bytes.ts";
import { ProofProcess } from "./proof-process.ts";
import { DEVELOPMENT_SETUP_VERSION, compilerVersion } from "./toolchain.ts";

/** A finished ceremony: the last proving key, and the powers of tau that it began with. */
export interface Ceremony {
  readonly zkeyPath: string;
  readonly ptauPath: string;
}

/** The stages of a build, in order. */
export type BuildStage = "compile" | "set-up" | "export";

/** Where a key is kept and how it is made. */
export interface KeyOptions {
  /** Default: the user's cache folder. */
  readonly cacheDir?: string;
  /** Takes the key from a ceremony instead of making an insecure development key. */
  readonly ceremony?: Ceremony;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: BuildStage) => void;
}

/** The key of a circuit, ready for the verifier contract and the prover. */
export interface CircuitKey extends CachedKey {
  readonly circuitId: Hex;
  /** True if nothing had to be built. */
  readonly cached: boolean;
}

/**
 * The key of a listed instance whose parameters are all there is to it, like that of a training run.
 * @throws what {@link buildKey} throws
 */
export async function buildInstanceKey(instance: CircuitInstance, options: KeyOptions): Promise<CircuitKey> {
  return buildKey({ instance, sources: circuitSources(mainSourceOf(instance)) }, options);
}

/**
 * Compiles a circuit and makes (or, with a ceremony, checks) its keys. The same sources always give the same development key.
 * @throws GlassboxError `PROOFS_COMPILE_FAILED`, `PROOFS_CIRCUIT_OVER_BUDGET`, `PROOFS_CEREMONY_INVALID`; `signal.reason` on abort
 */
export async function buildKey(circuit: Circuit, options: KeyOptions): Promise<CircuitKey> {
  const { ceremony, cacheDir = defaultCacheDir() } = options;
  const { template, parameters, optimisation } = circuit.instance;
  const setup = ceremony ? `ceremony ${await sha256(ceremony.zkeyPath)}` : `development ${DEVELOPMENT_SETUP_VERSION}`;
  const name = cacheKey(compilerVersion(optimisation), setup, ...[...circuit.sources].flat());

  const found = await readCached(cacheDir, name);
  const made = found ?? (await build(options, circuit, cacheDir, name));
  return { circuitId: circuitId(template, parameters), ...made, cached: found !== undefined };
}

async function build(
  { ceremony, signal, onProgress }: KeyOptions,
  circuit: Circuit,
  cacheDir: string,
  name: string,
): Promise<CachedKey> {
  const process = new ProofProcess();
  const staging = await createStaging(cacheDir);
  try {
    onProgress?.("compile");
    const { r1csPath, zkeyPath } = await compileInstance(circuit, staging, process, signal);

    onProgress?.("set-up");
    if (ceremony) {
      await process.call("verifyCeremony", [{ r1csPath, ...ceremony }], signal);
      await copyFile(ceremony.zkeyPath, zkeyPath);
    } else {
      await process.call("writeDevelopmentKey", [r1csPath, zkeyPath], signal);
    }

    onProgress?.("export");
    const verifyingKey = await process.call("readVerifyingKey", [zkeyPath], signal);
    const setup = ceremony ? "ceremony" : "INSECURE-development";
    return await publish(cacheDir, name, staging, { setup, verifyingKey });
  } finally {
    process.close();
    await rm(staging, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
