import { createHash } from "node:crypto";
import { copyFile, readFile, rm } from "node:fs/promises";

import type { Hex } from "../core/bytes.ts";
import {
  type Artefacts,
  type CachedKey,
  type SetupKind,
  cacheKey,
  createStaging,
  defaultCacheDir,
  publish,
  readCached,
} from "./artefact-cache.ts";
import { type InferenceCircuit, compileInference, inferenceCircuit } from "./compile-inference.ts";
import { type MlpShapes, type MlpWeights, circuitId } from "./mlp-circuit.ts";
import { ProofProcess } from "./proof-process.ts";
import { DEVELOPMENT_SETUP_VERSION, compilerVersion } from "./toolchain.ts";
import type { VerifyingKey } from "./verifying-key.ts";

/** A finished ceremony: the last proving key, and the powers of tau that it began with. */
export interface Ceremony {
  readonly zkeyPath: string;
  readonly ptauPath: string;
}

/** The stages of a build, in order. */
export type BuildStage = "compile" | "set-up" | "export";

/** What to build, and where to keep it. */
export interface InferenceKeyOptions {
  readonly weights: MlpWeights;
  readonly shapes: MlpShapes;
  /** Default: the user's cache folder. */
  readonly cacheDir?: string;
  /** Takes the key from a ceremony instead of making an insecure development key. */
  readonly ceremony?: Ceremony;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: BuildStage) => void;
}

/** The key of one model, ready for the verifier contract and the prover. */
export interface InferenceKey {
  readonly circuitId: Hex;
  readonly verifyingKey: VerifyingKey;
  readonly setup: SetupKind;
  readonly artefacts: Artefacts;
  /** True if nothing had to be built. */
  readonly cached: boolean;
}

/**
 * Compiles a model into its circuit and makes (or, with a ceremony, checks) its keys. The same weights always give the same development key.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN`, `PROOFS_WEIGHTS_LENGTH`, `PROOFS_WEIGHTS_OVERFLOW`, `PROOFS_CIRCUIT_OVER_BUDGET`,
 * `PROOFS_CEREMONY_INVALID`; `signal.reason` on abort
 */
export async function buildInferenceKey(options: InferenceKeyOptions): Promise<InferenceKey> {
  const { weights, shapes, ceremony, cacheDir = defaultCacheDir() } = options;
  const circuit = inferenceCircuit(weights, shapes);
  const setup = ceremony ? `ceremony ${await sha256(ceremony.zkeyPath)}` : `development ${DEVELOPMENT_SETUP_VERSION}`;
  const key = cacheKey(compilerVersion(), setup, ...[...circuit.sources].flat());

  const found = await readCached(cacheDir, key);
  const made = found ?? (await build(options, circuit, cacheDir, key));
  return { circuitId: circuitId(shapes), ...made, cached: found !== undefined };
}

async function build(
  { ceremony, signal, onProgress }: InferenceKeyOptions,
  circuit: InferenceCircuit,
  cacheDir: string,
  key: string,
): Promise<CachedKey> {
  const process = new ProofProcess();
  const staging = await createStaging(cacheDir);
  try {
    onProgress?.("compile");
    const { r1csPath, zkeyPath, inputs } = await compileInference(circuit, staging, process, signal);

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
    return await publish(cacheDir, key, staging, { setup, verifyingKey, inputs });
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
