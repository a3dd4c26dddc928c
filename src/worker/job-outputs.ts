import { allocateShares, encodeAllocation, encodeCredits } from "../compute/allocation.ts";
import { JOB_OUTPUTS, type JobOutput } from "../compute/claims.ts";
import { encodeRoundsFile, type SignedPart } from "../compute/rounds-file.ts";
import { encodeTrace, type RoundRoots } from "../compute/trace.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { ACCOUNT_BYTES } from "../core/record-layout.ts";
import { sameAddress } from "../crypto/address.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { encodeAccounts } from "../models/accounts.ts";
import { jobTerms, type LoadedJob } from "./training-job.ts";

/** How a job was trained. */
export interface TrainedJob {
  /** The weights file that each round starts from. */
  readonly starts: readonly Uint8Array[];
  readonly roots: readonly RoundRoots[];
  readonly finalWeights: Uint8Array;
  /** By `round * parts + part`. */
  readonly signedParts: readonly SignedPart[];
  /** Operators in the order in which they joined. */
  readonly joined: readonly Hex[];
}

/**
 * Makes a job's output files; everybody who makes them from the same training gets the same bytes.
 * @throws GlassboxError `WORKER_CREDIT_STRANGER` for a part of an operator that did not join.
 */
export function buildJobOutputs(job: LoadedJob, trained: TrainedJob): Record<JobOutput, Uint8Array> {
  const { starts, roots, finalWeights, signedParts, joined } = trained;
  const accounts = [...job.datasetAccounts, job.opener, ...joined];
  const firstOperator = job.datasetAccounts.length + 1;
  const credits = encodeCredits(
    signedParts.map(({ operator }) => {
      const place = joined.findIndex((member) => sameAddress(member, operator));
      ensureCheck(place >= 0, "WORKER_CREDIT_STRANGER", `${operator} did not join job ${job.jobId}`);
      return firstOperator + place;
    }),
  );
  const allocation = allocateShares(job.program, {
    records: job.records,
    credits,
    accounts: accounts.length,
    terms: jobTerms(job),
  });
  return {
    weights: finalWeights,
    allocation: encodeAllocation(allocation),
    trace: encodeTrace({ rounds: roots, final: fileRoot(finalWeights) }, job.program.parts),
    credits,
    accounts: encodeAccounts(accounts),
    rounds: encodeRoundsFile({ starts, signedParts }),
  };
}

/** What a claim says of its output files, as the registry takes it, and as an event or its state gives it. */
export type ClaimOutputs = Readonly<Record<`${JobOutput}Root`, string>> & { readonly accountCount: bigint };

/** What a claim of files with these roots says. */
export function claimOutputs(roots: Readonly<Record<JobOutput, Hex>>, accounts: Uint8Array): ClaimOutputs {
  return {
    weightsRoot: roots.weights,
    allocationRoot: roots.allocation,
    traceRoot: roots.trace,
    creditsRoot: roots.credits,
    accountsRoot: roots.accounts,
    roundsRoot: roots.rounds,
    accountCount: BigInt(accounts.length / ACCOUNT_BYTES),
  };
}

/** The roots of output files. */
export function outputRoots(files: Record<JobOutput, Uint8Array>): Record<JobOutput, Hex> {
  return Object.fromEntries(JOB_OUTPUTS.map((name) => [name, fileRoot(files[name])])) as Record<JobOutput, Hex>;
}
