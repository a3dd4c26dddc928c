import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import { JOB_OUTPUTS, type JobOutput } from "../../compute/claims.ts";
import { partAccusation } from "../../compute/dispute/charge.ts";
import { ClaimedFile } from "../../compute/dispute/claimed-file.ts";
import type { OpenedLeaf } from "../../compute/dispute/author-moves.ts";
import type { Execution } from "../../compute/dispute/execution.ts";
import { decodeRoundsFile } from "../../compute/rounds-file.ts";
import { traceSlots } from "../../compute/trace.ts";
import { weightsBytes } from "../../compute/weights.ts";
import { toHex } from "../../core/bytes.ts";
import { ensureCheck } from "../../core/errors.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import type { FileSource } from "../../storage/ports.ts";
import { executionOf } from "../dispute/job-executions.ts";
import { loadJob } from "../training-job.ts";

/** A part of a claim, as an audit repeats it. */
export interface AuditedPart {
  readonly execution: Execution;
  /** The trace's leaves with the round's start and the part's end; the second is empty if it is the first. */
  readonly start: OpenedLeaf;
  readonly end: OpenedLeaf;
}

/**
 * Reads a part of a job's newest claim from chain and storage.
 * @param index `round * parts + part`
 * @throws GlassboxError `WORKER_ROUND_MISMATCH` if the round's weights in the rounds file are not those of the trace, and chain and storage errors.
 */
export async function readAuditedPart(
  contracts: Contracts,
  storage: FileSource,
  { jobId, index }: { readonly jobId: bigint; readonly index: number },
  signal: AbortSignal,
): Promise<AuditedPart> {
  const job = await loadJob(contracts, storage, jobId, signal);
  const { claim } = await readChain(contracts.JobRegistry.job(jobId));
  const fileOf = (name: JobOutput): Promise<Uint8Array> =>
    storage.download(Number(claim.submissions[JOB_OUTPUTS.indexOf(name)]), signal);
  const { parts } = job.program;
  const round = Math.floor(index / parts);
  const { starts } = decodeRoundsFile(await fileOf("rounds"), job.rounds, parts, weightsBytes(job.program));
  const start = starts[round];
  ensureCheck(start !== undefined, "WORKER_ROUND_MISSING", `job ${jobId} has no round ${round}`);
  const trace = await fileOf("trace");
  const slot = round * traceSlots(parts) * HASH_BYTES;
  const root = toHex(trace.subarray(slot, slot + HASH_BYTES));
  // The game is about what the trace names. In the rounds file of a claim that nobody challenged in time, there may be anything.
  ensureCheck(fileRoot(start) === root, "WORKER_ROUND_MISMATCH", `round ${round} of job ${jobId} starts from ${root}`);
  const claimed = new ClaimedFile("trace", trace.length, trace, undefined);
  const opened = partAccusation({ trace: claimed, parts }, round, index % parts);
  const training = { start: () => start, ends: () => [], credits: undefined, accounts: 0 };
  const execution = executionOf(job, { section: "step", round, part: index % parts }, training);
  return { execution, start: opened.start, end: opened.end };
}
