import { setImmediate as breathe } from "node:timers/promises";

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { JOB_OUTPUTS, partClaim, type JobOutput } from "../compute/claims.ts";
import { decodeRoundsFile } from "../compute/rounds-file.ts";
import { averageParts, initialWeights, runPart } from "../compute/training.ts";
import type { RoundRoots } from "../compute/trace.ts";
import { weightsBytes } from "../compute/weights.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { buildJobOutputs, outputRoots } from "./job-outputs.ts";
import type { FileSource } from "../storage/ports.ts";
import { loadJob, type LoadedJob } from "./training-job.ts";
import type { ClaimOutputs } from "./watcher-protocol.ts";

/** What recomputing a claim found. */
export interface AuditResult {
  readonly verdict: "match" | "mismatch";
  readonly detail: string;
}

/** A claim as it stands on chain. */
export interface ClaimFacts {
  readonly jobId: bigint;
  readonly outputs: ClaimOutputs;
  readonly submissions: readonly bigint[];
}

/** Recomputes a claim from chain and storage: all rounds, all outputs, and who signed the credited parts. */
export async function auditClaim(
  contracts: Contracts,
  files: FileSource,
  { jobId, outputs, submissions }: ClaimFacts,
  signal: AbortSignal,
): Promise<AuditResult> {
  const job = await loadJob(contracts, files, jobId, signal);
  const roundsFile = await files.download(Number(submissions[JOB_OUTPUTS.indexOf("rounds")]), signal);
  const { signedParts } = decodeRoundsFile(roundsFile, job.rounds, job.program.parts, weightsBytes(job.program));

  const starts: Uint8Array[] = [];
  const roots: RoundRoots[] = [];
  let start = initialWeights(job.program, job.seed);
  for (let round = 0; round < job.rounds; round++) {
    const ends: Uint8Array[] = [];
    for (let part = 0; part < job.program.parts; part++) {
      // Requests are answered between two parts.
      await breathe(undefined, { signal });
      ends.push(runPart(job, start, round, part));
    }
    starts.push(start);
    roots.push({ start: fileRoot(start), ends: ends.map(fileRoot) });
    start = averageParts(job.program, ends);
  }
  const unsigned = await firstUnsignedPart(contracts, job, roots, signedParts);
  if (unsigned !== undefined) {
    return { verdict: "mismatch", detail: `part ${unsigned} is not signed by the operator it is credited to` };
  }
  // Who joined after the author had made its files is not in them, and need not be.
  const operators = Number(outputs.accountCount) - job.datasetAccounts.length - 1;
  const joined = ((await readChain(contracts.JobRegistry.joined(jobId))) as Hex[]).slice(0, Math.max(0, operators));
  const expected = outputRoots(buildJobOutputs(job, { starts, roots, finalWeights: start, signedParts, joined }));
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
  const operators = new Map<Hex, string>();
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
    const signer = recoverSigner(typedDataDigest(job.domain, CLAIM_TYPE, claim), fromHex(signature));
    if (signer === undefined) return index;
    // A key that was replaced meanwhile still speaks for its operator: replacing it must not undo what it signed.
    const author = operators.get(signer) ?? (await readChain(OperatorRegistry.operatorOfSigner(signer)));
    operators.set(signer, author);
    if (!sameAddress(author, operator)) return index;
  }
  return undefined;
}
