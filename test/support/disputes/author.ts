import { averageParts, initialWeights, runPart } from "../../../src/compute/training.ts";
import { JOB_OUTPUTS, jobClaim, partClaim, type JobOutput } from "../../../src/compute/claims.ts";
import { CLAIM_FILES, type ClaimFile } from "../../../src/compute/dispute/claimed-file.ts";
import { Detail, type Meddling } from "../../../src/compute/dispute/detail.ts";
import type { Execution } from "../../../src/compute/dispute/execution.ts";
import type { SignedPart } from "../../../src/compute/rounds-file.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import type { UnlockedKey } from "../../../src/crypto/keystore.ts";
import { CLAIM_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import type { ChainExecution } from "../../../src/worker/dispute/chain-execution.ts";
import type { AuthorFiles } from "../../../src/worker/dispute/defender.ts";
import type { GameView } from "../../../src/worker/dispute/game-reader.ts";
import {
  executionOf,
  nameOf,
  type ExecutionName,
  type JobTraining,
} from "../../../src/worker/dispute/job-executions.ts";
import { buildJobOutputs, claimOutputs, outputRoots } from "../../../src/worker/job-outputs.ts";
import { loadJob, type LoadedJob } from "../../../src/worker/training-job.ts";
import type { DisputeStage } from "./stage.ts";

/** How a claim is made that is not what its program says. */
export interface Lie {
  /** The execution that is meddled with. */
  readonly at?: ExecutionName;
  readonly meddling?: Meddling;
  /** Changes the output files before they are submitted. */
  readonly files?: (files: Record<JobOutput, Uint8Array>, job: LoadedJob) => Partial<Record<JobOutput, Uint8Array>>;
  /** Replaces what a part starts from, or a round: what the coordinator makes of the parts. */
  readonly start?: (round: number, start: Uint8Array) => Uint8Array;
  /** Who computes and signs a part; the author, if it is not said. */
  readonly signer?: (index: number) => "author" | "worker";
  /** Another job as the author sees it: another seed, or other data. */
  readonly job?: (job: LoadedJob) => LoadedJob;
}

/** A claim that was made, and what its author made it from. */
export interface MadeClaim {
  readonly jobId: bigint;
  readonly job: LoadedJob;
  readonly files: Record<JobOutput, Uint8Array>;
  readonly submissions: readonly number[];
  readonly signedParts: readonly SignedPart[];
  readonly training: JobTraining;
  /** What a part ended with. */
  endRoot(round: number, part: number): Hex;
  readonly answers: AuthorFiles;
}

/** Trains a job as its author, with a lie, and claims the result. */
export async function makeClaim(
  stage: DisputeStage,
  jobId: bigint,
  lie: Lie = {},
  isPosted = true,
): Promise<MadeClaim> {
  const { contracts, senders, keys } = stage;
  const signal = new AbortController().signal;
  const honest = await loadJob(contracts, stage.storage, jobId, signal);
  const job = lie.job?.(honest) ?? honest;
  const { program } = job;
  const starts: Uint8Array[] = [];
  const ends: Uint8Array[][] = [];
  const training: JobTraining & { credits: Uint8Array | undefined; accounts: number } = {
    start: (round) => starts[round] as Uint8Array,
    ends: (round) => ends[round] as Uint8Array[],
    credits: undefined,
    accounts: 0,
  };
  const output = async (name: ExecutionName, fast: () => Uint8Array): Promise<Uint8Array> => {
    const { at, meddling } = lie;
    const isMeddled = at?.section === name.section && at.round === name.round && at.part === name.part;
    if (!isMeddled || meddling === undefined) return fast();
    return (await Detail.compute(executionOf(job, name, training), { meddling })).output();
  };
  let start = await output({ section: "init", round: 0, part: 0 }, () => initialWeights(program, job.seed));
  for (let round = 0; round < job.rounds; round++) {
    start = lie.start?.(round, start) ?? start;
    starts.push(start);
    const from = start;
    const reached: Uint8Array[] = [];
    for (let part = 0; part < program.parts; part++) {
      reached.push(await output({ section: "step", round, part }, () => runPart(job, from, round, part)));
    }
    ends.push(reached);
    start = await output({ section: "average", round, part: 0 }, () => averageParts(program, reached));
  }
  const roots = starts.map((from, round) => ({ start: fileRoot(from), ends: (ends[round] ?? []).map(fileRoot) }));
  const signedParts = roots.flatMap((round, r) =>
    round.ends.map((endRoot, part) => {
      const index = r * program.parts + part;
      const player = lie.signer?.(index) ?? "author";
      const signature = signPart(job, index, round.start, endRoot, keys[player]);
      return { operator: senders[player].address as Hex, signature };
    }),
  );
  const joined = (await contracts.JobRegistry.joined(jobId)) as Hex[];
  const built = buildJobOutputs(honest, { starts, roots, finalWeights: start, signedParts, joined });
  training.credits = built.credits;
  training.accounts = built.accounts.length / 32;
  built.allocation = await output({ section: "allocate", round: 0, part: 0 }, () => built.allocation);
  const files = { ...built, ...lie.files?.(built, job) };
  const submissions = await stage.submit(
    senders.author,
    JOB_OUTPUTS.map((name) => files[name]),
  );
  if (isPosted) await postClaim(stage, "author", jobId, job, files, submissions);
  const answers = answersOf(stage, job, jobId, training, submissions);
  const endRoot = (round: number, part: number): Hex => fileRoot(ends[round]?.[part] as Uint8Array);
  return { jobId, job, files, submissions, signedParts, training, endRoot, answers };
}

/** Signs the claim of a part. */
export function signPart(job: LoadedJob, index: number, startRoot: Hex, endRoot: Hex, key: UnlockedKey): Hex {
  const claim = partClaim(job, { index: BigInt(index), startRoot, endRoot });
  return toHex(signDigest(typedDataDigest(job.domain, CLAIM_TYPE, claim), key.secretKey));
}

/** Posts a claim of files that were submitted. */
export async function postClaim(
  { contracts, senders, keys }: DisputeStage,
  player: "author" | "worker",
  jobId: bigint,
  job: LoadedJob,
  files: Record<JobOutput, Uint8Array>,
  submissions: readonly number[],
  key = keys[player],
): Promise<void> {
  const roots = outputRoots(files);
  const claim = jobClaim(job, roots);
  const signature = toHex(signDigest(typedDataDigest(job.domain, CLAIM_TYPE, claim), key.secretKey));
  const outputs = claimOutputs(roots, files.accounts);
  await senders[player].send(
    contracts.JobRegistry.claim.populateTransaction(jobId, outputs, [...submissions] as never, signature),
  );
}

/** What an author answers with: everything it had, without asking storage. */
function answersOf(
  { contracts, storage }: DisputeStage,
  job: LoadedJob,
  jobId: bigint,
  training: JobTraining,
  submissions: readonly number[],
): AuthorFiles {
  const kept = new Map(submissions.map((place) => [place, storage.download(place, new AbortController().signal)]));
  return {
    answers: (game: GameView) => game.jobId === jobId && game.claimNumber > 0,
    execution: (_game: GameView, chain: ChainExecution): Promise<Execution> =>
      Promise.resolve(executionOf(job, nameOf(job, chain), training)),
    file: async (_game: GameView, name: ClaimFile, signal: AbortSignal): Promise<Uint8Array> => {
      const { params } = await contracts.JobRegistry.job(jobId);
      const dataset = await contracts.DatasetRegistry.dataset(params.datasetId);
      const place = [...submissions, ...dataset.submissions.map(Number)][CLAIM_FILES.indexOf(name)] ?? -1;
      return kept.get(place) ?? storage.download(place, signal);
    },
  };
}
