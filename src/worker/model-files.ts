import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { MAX_PROGRAM_BYTES } from "../compute/program-file.ts";
import { loadProgram } from "../compute/validate.ts";
import { weightsBytes } from "../compute/weights.ts";
import { ensureCheck } from "../core/errors.ts";
import type { FileSource } from "../storage/ports.ts";

/** The files that a model version answers with. */
export interface ModelFiles {
  readonly program: Uint8Array;
  readonly weights: Uint8Array;
}

/**
 * The file of the program that a job trains; one that no program can be is not fetched.
 * @throws GlassboxError `WORKER_PROGRAM_LENGTH`, or what reading chain and storage throws.
 */
export async function jobProgramFile(
  contracts: Contracts,
  files: FileSource,
  jobId: bigint,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { params } = await readChain(contracts.JobRegistry.job(jobId));
  const byteLength = await byteLengthOf(contracts, params.programSubmission);
  ensureCheck(
    byteLength <= MAX_PROGRAM_BYTES,
    "WORKER_PROGRAM_LENGTH",
    `the program of job ${jobId} has ${byteLength} bytes, programs have up to ${MAX_PROGRAM_BYTES}`,
  );
  return files.download(Number(params.programSubmission), signal);
}

/**
 * The program and the weights of a model version; weights that can't be its program's are not fetched.
 * @throws GlassboxError `WORKER_PROGRAM_LENGTH`, `WORKER_WEIGHTS_LENGTH`, what validating the program or reading chain and storage throws.
 */
export async function modelFiles(
  contracts: Contracts,
  files: FileSource,
  versionId: bigint,
  signal: AbortSignal,
): Promise<ModelFiles> {
  const { jobId, weightsSubmission } = await readChain(contracts.ModelRegistry.version(versionId));
  const program = await jobProgramFile(contracts, files, jobId, signal);
  const [byteLength, expected] = [await byteLengthOf(contracts, weightsSubmission), weightsBytes(loadProgram(program))];
  ensureCheck(
    byteLength === expected,
    "WORKER_WEIGHTS_LENGTH",
    `the weights of version ${versionId} have ${byteLength} bytes, its program's ${expected}`,
  );
  return { program, weights: await files.download(Number(weightsSubmission), signal) };
}

/** Bytes of a file that was submitted to storage. */
export async function byteLengthOf({ Flow }: Contracts, submission: bigint): Promise<number> {
  return Number((await readChain(Flow.submission(submission))).byteLength);
}
