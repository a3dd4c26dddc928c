import { committedCircuit } from "../compute/committed-circuit.ts";
import { inferenceNetwork } from "../compute/inference-network.ts";
import { loadProgram } from "../compute/validate.ts";
import { type BuildStage, buildInstanceKey, type CircuitKey } from "../proofs/circuit-key.ts";
import { buildInferenceKey, type InferenceKey } from "../proofs/inference-key.ts";
import { poseidonTwin } from "../proofs/poseidon-twin.ts";
import type { ModelFiles } from "./model-files.ts";

/** How to find and build the inference key of a model version. */
export interface ModelKeyOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (stage: BuildStage) => void;
}

/** A key that all models of an architecture share, and the Poseidon twin of the weights that it is to be bound to. */
export interface CommittedKey extends CircuitKey {
  readonly weightsTwin: bigint;
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
