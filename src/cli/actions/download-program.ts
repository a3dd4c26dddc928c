import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import { MAX_PROGRAM_BYTES } from "../../compute/program-file.ts";
import { ensureInput } from "../../core/errors.ts";
import type { FileSource } from "../../storage/ports.ts";

/**
 * The file of the program that a job trains; one that no program can be is not fetched.
 * @throws GlassboxError `CLI_FILE_TOO_LARGE`, or what reading chain and storage throws.
 */
export async function downloadProgram(
  { JobRegistry, Flow }: Contracts,
  files: FileSource,
  jobId: bigint,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { params } = await readChain(JobRegistry.job(jobId));
  const { byteLength } = await readChain(Flow.submission(params.programSubmission));
  ensureInput(
    byteLength <= MAX_PROGRAM_BYTES,
    "CLI_FILE_TOO_LARGE",
    `the program of job ${jobId} has ${byteLength} bytes, programs have up to ${MAX_PROGRAM_BYTES}`,
  );
  return files.download(Number(params.programSubmission), signal);
}
