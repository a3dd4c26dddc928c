import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { inferenceNetwork } from "../compute/inference-network.ts";
import { loadProgram } from "../compute/validate.ts";
import { equalBytes, fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { circuitId } from "../proofs/circuit-library.ts";
import { proveCommittedInference } from "../proofs/committed-inference.ts";
import { proveInference } from "../proofs/inference-proof.ts";
import { encodeVerifyingKey, type ProofWords, type VerifyingKey } from "../proofs/verifying-key.ts";
import type { FileSource } from "../storage/ports.ts";
import { modelFiles, type ModelFiles } from "./model-files.ts";
import { bakedKey, committedKey, type ModelKeyOptions } from "./model-keys.ts";

/** An answer with its proof. */
export interface ProvenAnswer {
  readonly answer: number;
  readonly inputHash: bigint;
  readonly proof: ProofWords;
}

/** A model version that can answer with proofs under a key of its own on chain. */
export interface ModelProver {
  readonly circuitId: Hex;
  /** Bytes of an input. */
  readonly inputs: number;
  prove(input: Uint8Array, signal: AbortSignal): Promise<ProvenAnswer>;
}

/**
 * Makes a model version ready to answer: with its weights as committed if such a key is registered and not retired, else with them baked in.
 * @throws GlassboxError `WORKER_KEY_MISMATCH` if the registered key is not of its weights, and what building a key throws
 */
export async function modelProver(
  contracts: Contracts,
  files: FileSource,
  versionId: bigint,
  options: ModelKeyOptions,
): Promise<ModelProver> {
  const model = await modelFiles(contracts, files, versionId, options.signal);
  const { shapes } = inferenceNetwork(loadProgram(model.program), model.weights);
  const isCommitted = await hasKey(contracts, versionId, circuitId("CommittedMlp", shapes));
  const { verifyingKey, ...prover } = await (isCommitted
    ? committedProver(model, options)
    : bakedProver(model, options));
  await ensureRegistered(contracts, versionId, prover.circuitId, verifyingKey);
  return prover;
}

type KeyedProver = ModelProver & { readonly verifyingKey: VerifyingKey };

async function bakedProver(model: ModelFiles, options: ModelKeyOptions): Promise<KeyedProver> {
  const { circuitId: id, artefacts, verifyingKey } = await bakedKey(model, options);
  return {
    circuitId: id,
    inputs: artefacts.inputs,
    verifyingKey,
    prove: (pixels, signal) => proveInference({ artefacts, pixels, signal }),
  };
}

async function committedProver(model: ModelFiles, options: ModelKeyOptions): Promise<KeyedProver> {
  const { circuitId: id, artefacts, verifyingKey } = await committedKey(model, options);
  const { shapes, weights } = inferenceNetwork(loadProgram(model.program), model.weights);
  return {
    circuitId: id,
    inputs: shapes.inputs,
    verifyingKey,
    prove: (pixels, signal) => proveCommittedInference({ artefacts, shapes, weights, pixels, signal }),
  };
}

async function hasKey({ VerifierRegistry }: Contracts, versionId: bigint, id: Hex): Promise<boolean> {
  try {
    return (await readChain(VerifierRegistry.key(versionId, id))).retiresAt === 0n;
  } catch (error) {
    const isUnknown = error instanceof GlassboxError && error.details["error"] === "VerifierRegistryUnknownKey";
    if (isUnknown) return false;
    throw error;
  }
}

async function ensureRegistered(
  { VerifierRegistry }: Contracts,
  versionId: bigint,
  id: Hex,
  verifyingKey: VerifyingKey,
): Promise<void> {
  const registered = await readChain(VerifierRegistry.encodedKey(versionId, id));
  ensureCheck(
    equalBytes(fromHex(registered), encodeVerifyingKey(verifyingKey)),
    "WORKER_KEY_MISMATCH",
    "the key registered for this version is not of its weights",
  );
}
