import { provableRegression } from "../../compute/networks/provable-regression.ts";
import { trainingStatement, trainingWitness } from "../../compute/training-proof-job.ts";
import { initialWeights, runPart, type TrainingJob } from "../../compute/training.ts";
import type { Hex } from "../../core/bytes.ts";
import { fromHex } from "../../core/bytes.ts";
import { ensureInvariant, GlassboxError } from "../../core/errors.ts";
import { readIris } from "../../models/iris.ts";
import { tensorFiles } from "../../models/labelled-samples.ts";
import type { TrainingProofFile } from "../../models/training-proof-file.ts";
import type { KeyOptions } from "../../proofs/circuit-key.ts";
import { circuitInstances } from "../../proofs/circuit-library.ts";
import { verifyProof } from "../../proofs/prover.ts";
import { buildTrainingKey, proveTraining, type TrainingShapes } from "../../proofs/training-proof.ts";

/** The circuit of one epoch of Iris. */
export const IRIS_CIRCUIT = "training-4-3-15x8";

/** A training run that was proven. */
export interface ProvenTraining {
  readonly job: TrainingJob;
  readonly weights: Uint8Array;
  readonly proof: TrainingProofFile;
  readonly setup: string;
}

/**
 * Trains on Iris by the program of a training circuit, and proves the whole run.
 * @throws GlassboxError `CLI_CIRCUIT_UNKNOWN`, and what building a key or proving throws
 */
export async function proveIrisTraining(circuit: string, seed: Hex, options: KeyOptions): Promise<ProvenTraining> {
  const { shapes, job } = jobOf(circuit, seed);
  const weights = runPart(job, initialWeights(job.program, job.seed), 0, 0);
  const { artefacts, setup } = await buildTrainingKey(shapes, options);
  const { proof, publicInputs } = await proveTraining(shapes, artefacts, trainingWitness(job), options.signal);
  const isSame = trainingStatement(job, weights).every((value, i) => value === publicInputs[i]);
  ensureInvariant(isSame, "CLI_TRAINING_DIFFERS", "circuit and program train differently");
  return { job, weights, proof: { circuit, seed, publicInputs: [...publicInputs], proof: [...proof] }, setup };
}

/**
 * True exactly if the proof is of a training run on Iris from this seed that ends with these weights.
 * @throws GlassboxError `CLI_CIRCUIT_UNKNOWN`, and what building a key throws
 */
export async function verifyIrisTraining(
  { circuit, seed, publicInputs, proof }: TrainingProofFile,
  weights: Uint8Array,
  options: KeyOptions,
): Promise<boolean> {
  const { shapes, job } = jobOf(circuit, seed);
  const isSame = trainingStatement(job, weights).every((value, i) => value === publicInputs[i]);
  if (!isSame) return false;
  const { verifyingKey } = await buildTrainingKey(shapes, options);
  return verifyProof({ verifyingKey, proof, publicInputs, ...(options.signal && { signal: options.signal }) });
}

function jobOf(circuit: string, seed: Hex): { shapes: TrainingShapes; job: TrainingJob } {
  const instance = circuitInstances().find(({ name }) => name === circuit);
  if (instance?.template !== "SoftmaxTraining") {
    throw new GlassboxError("usage", "CLI_CIRCUIT_UNKNOWN", `no training circuit is named ${circuit}`, {
      hint: "`glassbox circuits list` shows all circuits",
    });
  }
  const shapes = instance.parameters;
  const data = tensorFiles(readIris("train"));
  return { shapes, job: { program: provableRegression(shapes), seed: fromHex(seed, 32), data } };
}
