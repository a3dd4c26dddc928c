import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { committedCircuit } from "../compute/committed-circuit.ts";
import { inferenceNetwork } from "../compute/inference-network.ts";
import { loadProgram } from "../compute/validate.ts";
import { type BuildStage, buildInstanceKey, type CircuitKey } from "../proofs/circuit-key.ts";
import { buildInferenceKey, type InferenceKey } from "../proofs/inference-key.ts";
import { poseidonTwin } from "../proofs/poseidon-twin.ts";
import type { FileSource } from "../storage/ports.ts";

/** How to find and build the inference key of a model version. */
export interface ModelKeyOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (stage: BuildStage) => void;
}

/** The files that a model version answers with. */
export interface ModelFiles {
  readonly program: Uint8Array;
  readonly weights: Uint8Array;
}

/** A key that all models of an architecture share, and the Poseidon twin of the weights that it is to be bound to. */
export interface CommittedKey extends CircuitKey {
  readonly weightsTwin: bigint;
}

/** Fetches program and weights of a model version from storage. */
export async function modelFiles(
  contracts: Contracts,
  files: FileSource,
  versionId: bigint,
  signal: AbortSignal,
): Promise<ModelFiles> {
  const version = await readChain(contracts.ModelRegistry.version(versionId));
  const { params } = await readChain(contracts.JobRegistry.job(version.jobId));
  const [program, weights] = await Promise.all([
    files.download(Number(params.programSubmission), signal),
    files.download(Number(version.weightsSubmission), signal),
  ]);
  return { program, weights };
}

/** Builds the key of a model with its weights baked in, or takes it from the cache. */
export function bakedKey({ program, weights }: ModelFiles, options: ModelKeyOptions): Promise<InferenceKey> {
  return buildInferenceKey({ ...inferenceNetwork(loadProgram(program), weights), ...options });
}

/** Builds the key that takes a model's weights as committed, or takes it from the cache. */
export async function committedKey({ program, weights }: ModelFiles, options: ModelKeyOptions): Promise<CommittedKey> {
  const weightsTwin = poseidonTwin(weights);
  const key = await buildInstanceKey(committedCircuit(loadProgram(program), weights), options);
  return { ...key, weightsTwin };
}
