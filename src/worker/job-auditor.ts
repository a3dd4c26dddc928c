import { setImmediate as breathe } from "node:timers/promises";

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { JOB_OUTPUTS, partClaim, type JobOutput } from "../compute/claims.ts";
import { LeafNeeded } from "../compute/dispute/claimed-file.ts";
import { decodePartEntry, decodeRoundsFile, isPartEntryPadded, partEntries } from "../compute/rounds-file.ts";
import { averageParts, initialWeights, partPlace, runPart } from "../compute/training.ts";
import { encodeTrace, type RoundRoots } from "../compute/trace.ts";
import { weightsBytes } from "../compute/weights.ts";
import { fromHex, LEAF_BYTES, type Hex } from "../core/bytes.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { buildJobOutputs, type ClaimOutputs } from "./job-outputs.ts";
import { loadJob, type LoadedJob } from "./training-job.ts";

/** What recomputing a claim found. */
export interface AuditResult {
  readonly verdict: "match" | "mismatch";
  readonly detail: string;
  /** Of a mismatch: what was computed instead. */
  readonly recomputed?: RecomputedClaim;
}

/** A claim as it stands on chain. */
export interface ClaimFacts {
  readonly jobId: bigint;
  readonly outputs: ClaimOutputs;
  readonly submissions: readonly bigint[];
}

/** Training as it must have gone. */
interface RepeatedTraining {
  /** The weights file that each round starts from. */
  readonly starts: readonly Uint8Array[];
  readonly roots: readonly RoundRoots[];
  readonly finalWeights: Uint8Array;
}

/** A claim as it must have been. */
export interface RecomputedClaim extends RepeatedTraining {
  readonly job: LoadedJob;
  /** The rounds file as the claim's author made it: it says who is credited. Not needed if the training itself is wrong, or a part of it was shown that is. */
  readonly roundsFile: Uint8Array | undefined;
  /** The operators of the claim's accounts, in the order in which they joined. */
  readonly joined: readonly Hex[];
  /** The first part whose credit nobody of the job has signed for. */
  readonly unbacked: number | undefined;
  /** The output files; without those that depend on credits if a credit is not backed. */
  readonly files: Partial<Record<JobOutput, Uint8Array>>;
}

/** Where a claim's files come from. */
export interface ClaimSource {
  /** @param begin what the file begins with if nothing is wrong there */
  download(submission: number, signal: AbortSignal, begin?: Uint8Array): Promise<Uint8Array>;
  /** Some of the last leaves of a file that is hidden. @param first the first one to choose from */
  sample?(submission: number, signal: AbortSignal, first: number): Promise<LeafSample>;
}

/** What a claim's author has shown of a file, and what it is to show next, if anything. */
export interface LeafSample {
  readonly shown: ReadonlyMap<number, Uint8Array>;
  readonly next: LeafNeeded | undefined;
}

/** Recomputes a claim from chain and storage: all rounds, all outputs, and who signed the credited parts. */
export async function auditClaim(
  contracts: Contracts,
  files: ClaimSource,
  claim: ClaimFacts,
  signal: AbortSignal,
): Promise<AuditResult> {
  const { jobId, outputs } = claim;
  const job = await loadJob(contracts, files, jobId, signal);
  const training = await trainingOf(claim, job, signal);
  // Who was credited is of no matter if the training is wrong: so nobody can withhold the one to save the other.
  const trained = { weights: training.finalWeights, trace: traceOf(job, training) };
  const wrong = (["weights", "trace"] as const).filter((name) => outputs[`${name}Root`] !== fileRoot(trained[name]));
  const joined = await membersOf(contracts, job, outputs.accountCount);
  const known = { ...training, job, joined, roundsFile: undefined, unbacked: undefined, files: trained };
  if (wrong.length > 0) {
    return { verdict: "mismatch", detail: `these outputs differ: ${wrong.join(", ")}`, recomputed: known };
  }
  return auditCredits(contracts, files, claim, known, signal);
}

/** Recomputes what follows from who has signed which part. */
async function auditCredits(
  contracts: Contracts,
  files: ClaimSource,
  { outputs, submissions }: ClaimFacts,
  known: RecomputedClaim,
  signal: AbortSignal,
): Promise<AuditResult> {
  const { job, joined, starts } = known;
  const place = Number(submissions[JOB_OUTPUTS.indexOf("rounds")]);
  const begin = Uint8Array.from(Buffer.concat(starts));
  let roundsFile: Uint8Array;
  try {
    roundsFile = await files.download(place, signal, begin);
  } catch (error) {
    if (error instanceof LeafNeeded) throw error;
    const first = begin.length / LEAF_BYTES;
    const sample = await files.sample?.(place, signal, first);
    const shown = [...(sample?.shown ?? [])].map(([leaf, entry]) => [leaf - first, entry] as const);
    const unbacked = await firstUnbackedPart(contracts, known, shown);
    // What is shown of a hidden file can convict its author, and not acquit it.
    if (unbacked === undefined) throw sample?.next ?? error;
    return { verdict: "mismatch", detail: unbackedDetail(unbacked), recomputed: { ...known, unbacked } };
  }
  const { signedParts } = decodeRoundsFile(roundsFile, job.rounds, job.program.parts, weightsBytes(job.program));
  const entries = partEntries(roundsFile, signedParts.length).entries();
  const unbacked = await firstUnbackedPart(contracts, known, entries);
  const expected = unbacked === undefined ? buildJobOutputs(job, { ...known, signedParts, joined }) : known.files;
  const differing = JOB_OUTPUTS.filter((name) => {
    const file = expected[name];
    return file !== undefined && outputs[`${name}Root`] !== fileRoot(file);
  });
  if (differing.length === 0 && unbacked === undefined) {
    return { verdict: "match", detail: `${job.rounds} rounds recomputed` };
  }
  const detail =
    differing.length > 0 || unbacked === undefined
      ? `these outputs differ: ${differing.join(", ")}`
      : unbackedDetail(unbacked);
  return { verdict: "mismatch", detail, recomputed: { ...known, roundsFile, unbacked, files: expected } };
}

function unbackedDetail(index: number): string {
  return `part ${index} is not signed by the operator it is credited to`;
}

/** The job's operators as far as they are in the claim's accounts: who joined after its author had made its files need not be. */
async function membersOf({ JobRegistry }: Contracts, job: LoadedJob, accountCount: bigint | number): Promise<Hex[]> {
  const operators = Number(accountCount) - job.datasetAccounts.length - 1;
  return ((await readChain(JobRegistry.joined(job.jobId))) as Hex[]).slice(0, Math.max(0, operators));
}

/** Claims are looked at again and again until their files can be had. */
const trainings = new WeakMap<ClaimFacts, Promise<RepeatedTraining>>();

function trainingOf(claim: ClaimFacts, job: LoadedJob, signal: AbortSignal): Promise<RepeatedTraining> {
  const known = trainings.get(claim);
  if (known) return known;
  const training = repeatTraining(job, signal);
  trainings.set(claim, training);
  training.catch(() => trainings.delete(claim));
  return training;
}

/** Trains a job on one thread; requests are answered between two parts. */
async function repeatTraining(job: LoadedJob, signal: AbortSignal): Promise<RepeatedTraining> {
  const starts: Uint8Array[] = [];
  const roots: RoundRoots[] = [];
  let start = initialWeights(job.program, job.seed);
  for (let round = 0; round < job.rounds; round++) {
    const ends: Uint8Array[] = [];
    for (let part = 0; part < job.program.parts; part++) {
      await breathe(undefined, { signal });
      ends.push(runPart(job, start, round, part));
    }
    starts.push(start);
    roots.push({ start: fileRoot(start), ends: ends.map(fileRoot) });
    start = averageParts(job.program, ends);
  }
  return { starts, roots, finalWeights: start };
}

function traceOf(job: LoadedJob, { roots, finalWeights }: RepeatedTraining): Uint8Array {
  return encodeTrace({ rounds: roots, final: fileRoot(finalWeights) }, job.program.parts);
}

async function firstUnbackedPart(
  { OperatorRegistry }: Contracts,
  { job, roots, joined }: RecomputedClaim,
  entries: Iterable<readonly [number, Uint8Array]>,
): Promise<number | undefined> {
  const operators = new Map<Hex, string>();
  for (const [index, entry] of entries) {
    const { operator, signature } = decodePartEntry(entry);
    const place = partPlace(job.program, index);
    const round = roots[place.round];
    const endRoot = round?.ends[place.part];
    const isMember = joined.some((member) => sameAddress(member, operator));
    if (!round || endRoot === undefined || !isMember) return index;
    if (!isPartEntryPadded(entry)) return index;
    const claim = partClaim(job, { index: BigInt(index), startRoot: round.start, endRoot });
    const signer = recoverSigner(typedDataDigest(job.domain, CLAIM_TYPE, claim), fromHex(signature));
    if (signer === undefined) return index;
    // A key that was replaced meanwhile still speaks for its operator: replacing it must not undo what it signed.
    const author = operators.get(signer) ?? (await readChain(OperatorRegistry.operatorOfSigner(signer)));
    operators.set(signer, author);
    if (!sameAddress(author, operator)) return index;
  }
  return undefined;
}
