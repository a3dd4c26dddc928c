import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { inferenceNetwork } from "../compute/inference-network.ts";
import { loadProgram } from "../compute/validate.ts";
import type { BuildStage } from "../proofs/circuit-key.ts";
import { buildInferenceKey, type InferenceKey } from "../proofs/inference-key.ts";
import type { FileSource } from "../storage/ports.ts";

/** How to find and build the inference key of a model version. */
export interface ModelKeyOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (stage: BuildStage) => void;
}

/** Builds the inference key of a model version from its program and weights in storage, or takes it from the cache. */
export async function modelKey(
  contracts: Contracts,
  files: FileSource,
  versionId: bigint,
  options: ModelKeyOptions,
): Promise<InferenceKey> {
  const version = await readChain(contracts.ModelRegistry.version(versionId));
  const { params } = await readChain(contracts.JobRegistry.job(version.jobId));
  const [programFile, weightsFile] = await Promise.all([
    files.download(Number(params.programSubmission), options.signal),
    files.download(Number(version.weightsSubmission), options.signal),
  ]);
  const program = loadProgram(programFile);
  const { cacheDir, signal, onProgress } = options;
  return buildInferenceKey({
    ...inferenceNetwork(program, weightsFile),
    cacheDir,
    signal,
    ...(onProgress && { onProgress }),
  });
}
