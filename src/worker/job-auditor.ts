import type { Contracts } from "../chain/contracts.ts";
import { partClaim } from "../compute/claims.ts";
import { decodeRoundsFile } from "../compute/rounds-file.ts";
import { trainRounds } from "../compute/training.ts";
import type { RoundRoots } from "../compute/trace.ts";
import { weightsBytes } from "../compute/weights.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { buildJobOutputs, JOB_OUTPUTS, outputRoots, type JobOutput } from "./job-outputs.ts";
import { loadJob, type FileSource, type LoadedJob } from "./training-job.ts";

/** What recomputing a claim found. */
export interface AuditResult {
  readonly verdict: "match" | "mismatch";
  readonly detail: string;
}

/** Recomputes a job's claim from chain and storage: all rounds, all outputs, and who signed the credited parts. */
export async function auditClaim(
  contracts: Contracts,
  files: FileSource,
  jobId: bigint,
  signal: AbortSignal,
): Promise<AuditResult> {
  const job = await loadJob(contracts, files, jobId, signal);
  const { claim } = await contracts.JobRegistry.job(jobId);
  const roundsAt = claim.submissions[JOB_OUTPUTS.indexOf("rounds")];
  const roundsFile = await files.download(Number(roundsAt), signal);
  const { signedParts } = decodeRoundsFile(roundsFile, job.rounds, job.program.parts, weightsBytes(job.program));

  const starts: Uint8Array[] = [];
  const roots: RoundRoots[] = [];
  let finalWeights: Uint8Array = new Uint8Array();
  for (const { start, ends, next } of trainRounds(job, job.rounds)) {
    signal.throwIfAborted();
    starts.push(start);
    roots.push({ start: fileRoot(start), ends: ends.map(fileRoot) });
    finalWeights = next;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const unsigned = await firstUnsignedPart(contracts, job, roots, signedParts);
  if (unsigned !== undefined) {
    return { verdict: "mismatch", detail: `part ${unsigned} is not signed by the operator it is credited to` };
  }
  const joined = (await contracts.JobRegistry.joined(jobId)) as Hex[];
  const expected = outputRoots(buildJobOutputs(job, { starts, roots, finalWeights, signedParts, joined }));
  const { outputs } = claim;
  const claimed: Record<JobOutput, string> = {
    weights: outputs.weightsRoot,
    allocation: outputs.allocationRoot,
    trace: outputs.traceRoot,
    credits: outputs.creditsRoot,
    accounts: outputs.accountsRoot,
    rounds: outputs.roundsRoot,
  };
  const differing = JOB_OUTPUTS.filter((name) => claimed[name] !== expected[name]);
  return differing.length === 0
    ? { verdict: "match", detail: `${job.rounds} rounds recomputed` }
    : { verdict: "mismatch", detail: `these outputs differ: ${differing.join(", ")}` };
}

async function firstUnsignedPart(
  { OperatorRegistry }: Contracts,
  job: LoadedJob,
  roots: readonly RoundRoots[],
  signedParts: readonly { readonly operator: Hex; readonly signature: Hex }[],
): Promise<number | undefined> {
  const signers = new Map<Hex, string>();
  for (const [index, { operator, signature }] of signedParts.entries()) {
    const round = roots[Math.floor(index / job.program.parts)];
    const endRoot = round?.ends[index % job.program.parts];
    if (!round || endRoot === undefined) return index;
    const claim = partClaim({
      jobId: job.jobId,
      program: job.programRoot,
      datasetRoot: job.datasetRoot,
      index: BigInt(index),
      startRoot: round.start,
      endRoot,
    });
    const expected = signers.get(operator) ?? (await OperatorRegistry.signerOf(operator));
    signers.set(operator, expected);
    const signer = recoverSigner(typedDataDigest(job.domain, CLAIM_TYPE, claim), fromHex(signature));
    if (signer === undefined || !sameAddress(signer, expected)) return index;
  }
  return undefined;
}
