import { ensureInput } from "../core/errors.ts";
import type { Artefacts } from "./artefact-cache.ts";
import { type CircuitKey, type KeyOptions, buildInstanceKey } from "./circuit-key.ts";
import { circuitInstance } from "./circuit-library.ts";
import { reduce } from "./field.ts";
import { type MlpShapes, type MlpWeights, ensureWeightsLength } from "./mlp-circuit.ts";
import { proveWitness } from "./prover.ts";
import type { ProofWords } from "./verifying-key.ts";

/** A proven answer of a model of which only the Poseidon twin of its weights file is known. */
export interface CommittedProof {
  /** Index of the class. */
  readonly answer: number;
  readonly inputHash: bigint;
  readonly weightsRoot: bigint;
  readonly proof: ProofWords;
  /** [answer, inputHash, weightsRoot], as the verifier contract takes them. */
  readonly publicInputs: readonly bigint[];
}

/**
 * The key of an architecture, which all models of it share.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN`, and what `buildKey` throws
 */
export function buildCommittedKey(shapes: MlpShapes, options: KeyOptions = {}): Promise<CircuitKey> {
  return buildInstanceKey(circuitInstance("CommittedMlp", shapes), options);
}

/**
 * Answers one input and proves the answer without showing the weights.
 * @throws GlassboxError `PROOFS_INPUT_LENGTH`, `PROOFS_WEIGHTS_LENGTH`; `signal.reason` on abort
 */
export async function proveCommittedInference(options: {
  readonly artefacts: Artefacts;
  readonly shapes: MlpShapes;
  readonly weights: MlpWeights;
  readonly pixels: Uint8Array;
  readonly signal?: AbortSignal;
}): Promise<CommittedProof> {
  const { artefacts, shapes, weights, pixels, signal } = options;
  const { inputs } = shapes;
  ensureInput(pixels.length === inputs, "PROOFS_INPUT_LENGTH", `an input has ${inputs} pixels, got ${pixels.length}`, {
    details: { expected: inputs, actual: pixels.length },
  });
  ensureWeightsLength(weights, shapes);
  const { proof, publicInputs } = await proveWitness(artefacts, committedSignals(weights, pixels), signal);
  const [answer = 0n, hash = 0n, weightsRoot = 0n] = publicInputs;
  return { answer: Number(answer), inputHash: hash, weightsRoot, proof, publicInputs };
}

/** The circuit's private inputs. */
export function committedSignals(weights: MlpWeights, pixels: Uint8Array): Record<string, bigint[]> {
  const signed = (layer: Int16Array): bigint[] => Array.from(layer, (weight) => reduce(BigInt(weight)));
  return {
    pixels: Array.from(pixels, BigInt),
    hiddenWeights: signed(weights.hidden),
    outputWeights: signed(weights.outputs),
  };
}
