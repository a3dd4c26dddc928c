import type { Contracts } from "../chain/contracts.ts";
import { decodeProgram } from "../compute/program-file.ts";
import { weightsShapes, type Program } from "../compute/program.ts";
import { decodeWeights } from "../compute/weights.ts";
import { ensureInput } from "../core/errors.ts";
import { buildInferenceKey, type BuildStage, type InferenceKey } from "../proofs/inference-key.ts";
import type { MlpShapes } from "../proofs/mlp-circuit.ts";
import type { FileSource } from "./training-job.ts";

/** How to find and build the inference key of a model version. */
export interface ModelKeyOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  onProgress?(stage: BuildStage): void;
}

/** Builds the inference key of a model version from its program and weights in storage, or takes it from the cache. */
export async function modelKey(
  contracts: Contracts,
  files: FileSource,
  versionId: bigint,
  options: ModelKeyOptions,
): Promise<InferenceKey> {
  const version = await contracts.ModelRegistry.version(versionId);
  const { params } = await contracts.JobRegistry.job(version.jobId);
  const [programFile, weightsFile] = await Promise.all([
    files.download(Number(params.programSubmission), options.signal),
    files.download(Number(version.weightsSubmission), options.signal),
  ]);
  const program = decodeProgram(programFile);
  const [hidden, outputs] = decodeWeights(program, weightsFile);
  ensureInput(
    hidden instanceof Int16Array && outputs instanceof Int16Array,
    "WORKER_MODEL_UNPROVABLE",
    "only models of two layers with 16-bit weights have an inference circuit",
  );
  const { cacheDir, signal, onProgress } = options;
  return buildInferenceKey({
    weights: { hidden, outputs },
    shapes: inferenceShapes(program),
    cacheDir,
    signal,
    ...(onProgress && { onProgress }),
  });
}

/**
 * The shapes of the inference circuit that computes what the program's inference computes.
 * @throws GlassboxError `WORKER_MODEL_UNPROVABLE` for anything but two layers with one rounding shift between them.
 */
function inferenceShapes(program: Program): MlpShapes {
  const [hidden, outputs] = weightsShapes(program);
  const shifts = program.operations.filter(({ section, name }) => section === "infer" && name === "requantise");
  const [rounding] = shifts;
  const fits = weightsShapes(program).length === 2 && shifts.length === 1;
  ensureInput(
    fits && hidden !== undefined && outputs !== undefined && rounding !== undefined,
    "WORKER_MODEL_UNPROVABLE",
    "only models of two layers have an inference circuit",
  );
  return { inputs: hidden.columns, hidden: hidden.rows, outputs: outputs.rows, shift: rounding.shift };
}
