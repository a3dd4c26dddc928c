import type { Artefacts } from "./artefact-cache.ts";
import { type CircuitKey, type KeyOptions, buildKey } from "./circuit-key.ts";
import { circuitInstance, circuitSources } from "./circuit-library.ts";
import type { Circuit } from "./compile-instance.ts";
import { type MlpShapes, type MlpWeights, ensureWeights, mlpMainSource } from "./mlp-circuit.ts";

/** What to build, and where to keep it. */
export interface InferenceKeyOptions extends KeyOptions {
  readonly weights: MlpWeights;
  readonly shapes: MlpShapes;
}

/** The files that answering with a proof needs. */
export interface InferenceArtefacts extends Artefacts {
  /** Number of pixels of an input. */
  readonly inputs: number;
}

/** The key of one model, ready for the verifier contract and the prover. */
export interface InferenceKey extends CircuitKey {
  readonly artefacts: InferenceArtefacts;
}

/**
 * Bakes weights into the circuit of their architecture.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN`, `PROOFS_WEIGHTS_LENGTH`, `PROOFS_WEIGHTS_OVERFLOW`
 */
export function inferenceCircuit(weights: MlpWeights, shapes: MlpShapes): Circuit {
  const instance = circuitInstance("MlpInference", shapes);
  ensureWeights(weights, shapes);
  return { instance, sources: circuitSources(mlpMainSource(weights, shapes)) };
}

/**
 * Compiles a model into its circuit and makes (or, with a ceremony, checks) its keys. The same weights always give the same development key.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN`, `PROOFS_WEIGHTS_LENGTH`, `PROOFS_WEIGHTS_OVERFLOW`, and what {@link buildKey} throws
 */
export async function buildInferenceKey({ weights, shapes, ...options }: InferenceKeyOptions): Promise<InferenceKey> {
  const key = await buildKey(inferenceCircuit(weights, shapes), options);
  return { ...key, artefacts: { ...key.artefacts, inputs: shapes.inputs } };
}
