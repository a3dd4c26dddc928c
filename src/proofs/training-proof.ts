import { ensureInput } from "../core/errors.ts";
import { type Artefacts } from "./artefact-cache.ts";
import { type CircuitKey, type KeyOptions, buildInstanceKey } from "./circuit-key.ts";
import { type InstanceOf, circuitInstance } from "./circuit-library.ts";
import { reduce } from "./field.ts";
import { inputHash } from "./input-hash.ts";
import { proveWitness } from "./prover.ts";
import type { ProofWords } from "./verifying-key.ts";

/** What fixes the circuit of a training run of softmax regression with three classes. */
export type TrainingShapes = InstanceOf<"SoftmaxTraining">["parameters"];

/** One epoch of Iris: 120 flowers in eight steps. Shifts and bias were chosen on the training flowers. */
export const IRIS_PROOF: TrainingShapes = {
  features: 4,
  batch: 15,
  steps: 8,
  bias: 96,
  logitShift: 11,
  updateShift: 18,
};

/** The classes that the circuit is made for. */
export const TRAINING_CLASSES = 3;

/** What a training run takes: all of it stays private. */
export interface TrainingWitness {
  /** Row by row in the order in which the samples are taken, without the place of the bias. */
  readonly samples: Uint8Array;
  readonly labels: Uint8Array;
  /** [class][bias and features]. */
  readonly initial: Int8Array;
}

/** What a proof of training says: these steps on data of this hash lead from one file of weights to the other. */
export interface TrainingStatement {
  /** Poseidon twin of the file of the starting weights. */
  readonly initialRoot: bigint;
  readonly dataHash: bigint;
  /** Poseidon twin of the file of the final weights. */
  readonly finalRoot: bigint;
}

/** A proven training run. */
export interface TrainingProof extends TrainingStatement {
  readonly proof: ProofWords;
  /** [initialRoot, dataHash, finalRoot], as the verifier contract takes them. */
  readonly publicInputs: readonly bigint[];
}

/**
 * The key of a training run's circuit: it depends on the shapes alone.
 * @throws GlassboxError `PROOFS_CIRCUIT_UNKNOWN` for shapes that are not listed, and what `buildKey` throws
 */
export function buildTrainingKey(shapes: TrainingShapes, options: KeyOptions = {}): Promise<CircuitKey> {
  return buildInstanceKey(circuitInstance("SoftmaxTraining", shapes), options);
}

/**
 * Repeats a training run in its circuit and proves it.
 * @throws GlassboxError `PROOFS_INPUT_LENGTH`, `PROOFS_WITNESS_INVALID` for a label that is no class; `signal.reason` on abort
 */
export async function proveTraining(
  shapes: TrainingShapes,
  artefacts: Artefacts,
  witness: TrainingWitness,
  signal?: AbortSignal,
): Promise<TrainingProof> {
  ensureLengths(shapes, witness);
  const { proof, publicInputs } = await proveWitness(artefacts, trainingSignals(witness), signal);
  const [initialRoot = 0n, dataHash = 0n, finalRoot = 0n] = publicInputs;
  return { initialRoot, dataHash, finalRoot, proof, publicInputs };
}

/** The circuit's private inputs. */
export function trainingSignals({ samples, labels, initial }: TrainingWitness): Record<string, bigint[]> {
  return {
    samples: Array.from(samples, BigInt),
    labels: Array.from(labels, BigInt),
    initial: Array.from(initial, (weight) => reduce(BigInt(weight))),
  };
}

/** Hash of a run's data as its circuit computes it: features and label of one sample after the other. */
export function trainingDataHash({ samples, labels }: Pick<TrainingWitness, "samples" | "labels">): bigint {
  const features = samples.length / labels.length;
  const bytes = new Uint8Array(samples.length + labels.length);
  labels.forEach((label, i) => {
    bytes.set(samples.subarray(i * features, (i + 1) * features), i * (features + 1));
    bytes[i * (features + 1) + features] = label;
  });
  return inputHash(bytes);
}

function ensureLengths({ features, batch, steps }: TrainingShapes, witness: TrainingWitness): void {
  const count = batch * steps;
  for (const [name, expected] of [
    ["samples", count * features],
    ["labels", count],
    ["initial", TRAINING_CLASSES * (features + 1)],
  ] as const) {
    const actual = witness[name].length;
    ensureInput(actual === expected, "PROOFS_INPUT_LENGTH", `${name} has ${expected} elements, got ${actual}`, {
      details: { name, expected, actual },
    });
  }
}
