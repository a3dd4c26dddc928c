import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { MAX_PROGRAM_BYTES } from "../compute/program-file.ts";
import { isTrainable, type Program } from "../compute/program.ts";
import { termsElements, type JobTerms } from "../compute/terms.ts";
import type { TrainingJob } from "../compute/training.ts";
import { loadProgram } from "../compute/validate.ts";
import { weightsBytes } from "../compute/weights.ts";
import { ensureRunnable } from "../compute/workload.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput, ensureInvariant } from "../core/errors.ts";
import type { Eip712Domain } from "../crypto/eip712.ts";
import { decodeAccounts } from "../models/accounts.ts";
import { DATASET_FILES } from "../models/dataset-files.ts";
import type { FileSource } from "../storage/ports.ts";
import { byteLengthOf } from "./model-files.ts";

/** Bytes of a job's dataset, and of the rounds that its claim keeps: both are held in memory. */
const MAX_JOB_BYTES = 2 ** 29;
/** Elementary operations of a whole job: about three hours of one core, for whoever repeats it. */
const MAX_JOB_WORK = 2 ** 42;
/** What a request to a worker can carry. */
const MAX_WEIGHTS_BYTES = 3 * 2 ** 20;
/** Of a dataset's files, training needs all before its manifest. */
const DATA_FILES = DATASET_FILES.indexOf("manifest");

/** A job with everything its training depends on, from chain and storage. */
export interface LoadedJob extends TrainingJob {
  readonly jobId: bigint;
  readonly programRoot: Hex;
  readonly datasetRoot: Hex;
  readonly seedHex: Hex;
  readonly rounds: number;
  /** What claims and assignments are signed for. */
  readonly domain: Eip712Domain;
  readonly opener: Hex;
  readonly records: Uint8Array;
  readonly datasetAccounts: readonly Hex[];
  readonly shareSupply: bigint;
  readonly poolsBps: JobTerms["poolsBps"];
}

/**
 * Loads a job: its program, which is validated, and its dataset. What is too large for workers and watchers is refused before it is
 * fetched or run, so that a stranger's job can't take a worker's memory or time.
 * @throws GlassboxError a chain or storage error, `WORKER_JOB_TOO_LARGE`, or what decoding and validating the program throws.
 */
export async function loadJob(
  contracts: Contracts,
  files: FileSource,
  jobId: bigint,
  signal: AbortSignal,
): Promise<LoadedJob> {
  const { JobRegistry, DatasetRegistry } = contracts;
  const { params, opener } = await readChain(JobRegistry.job(jobId));
  const dataset = await readChain(DatasetRegistry.dataset(params.datasetId));
  const program = await loadJobProgram(contracts, files, jobId, signal);
  const needed = dataset.submissions.slice(0, DATA_FILES);
  const lengths = await Promise.all(needed.map((submission) => byteLengthOf(contracts, submission)));
  ensureSize(
    "the dataset",
    lengths.reduce((total, length) => total + length, 0),
    MAX_JOB_BYTES,
  );
  const [samples, labels, records, accounts] = (await Promise.all(
    needed.map((submission) => files.download(Number(submission), signal)),
  )) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const job: LoadedJob = {
    jobId,
    program,
    seed: fromHex(params.seed, 32),
    seedHex: params.seed as Hex,
    data: { samples, labels, count: Number(dataset.count) },
    programRoot: params.programRoot as Hex,
    datasetRoot: dataset.root as Hex,
    rounds: Number(params.rounds),
    domain: await jobDomain(contracts),
    opener: opener as Hex,
    records,
    datasetAccounts: decodeAccounts(accounts),
    shareSupply: params.shareSupply,
    poolsBps: params.poolsBps.map(Number) as unknown as JobTerms["poolsBps"],
  };
  // Terms that no allocation can be computed from would show only after the last round.
  termsElements(jobTerms(job));
  return job;
}

/**
 * Loads a job's program, and checks that its training is small enough to be done and repeated.
 * @throws GlassboxError a chain or storage error, `WORKER_JOB_TOO_LARGE`, `WORKER_PROGRAM_PARTS`, `WORKER_PROGRAM_UNTRAINABLE`,
 * or what decoding and validating throws.
 */
export async function loadJobProgram(
  contracts: Contracts,
  files: FileSource,
  jobId: bigint,
  signal: AbortSignal,
): Promise<Program> {
  const { JobRegistry, DatasetRegistry } = contracts;
  const { params } = await readChain(JobRegistry.job(jobId));
  const dataset = await readChain(DatasetRegistry.dataset(params.datasetId));
  ensureSize("the program", await byteLengthOf(contracts, params.programSubmission), MAX_PROGRAM_BYTES);
  const program = loadProgram(await files.download(Number(params.programSubmission), signal));
  ensureCheck(
    program.parts === Number(params.parts),
    "WORKER_PROGRAM_PARTS",
    `the program has ${program.parts} parts a round, the job ${params.parts}`,
  );
  ensureCheck(isTrainable(program), "WORKER_PROGRAM_UNTRAINABLE", "the program has no step: it only answers");
  const parts = Number(params.rounds) * program.parts;
  const numbers = { samples: Number(dataset.count), credits: parts, accounts: Number(dataset.accountCount) + 1 };
  ensureSize("all parts together", parts * ensureRunnable(program, numbers), MAX_JOB_WORK);
  ensureSize("the weights", weightsBytes(program), MAX_WEIGHTS_BYTES);
  ensureSize("all rounds' weights", Number(params.rounds) * weightsBytes(program), MAX_JOB_BYTES);
  return program;
}

/** What the claims and assignments of all jobs are signed for. @throws GlassboxError a chain error. */
export async function jobDomain({ JobRegistry }: Contracts): Promise<Eip712Domain> {
  const provider = JobRegistry.runner?.provider ?? undefined;
  ensureInvariant(provider !== undefined, "WORKER_PROVIDER_MISSING", "the contracts have no provider");
  const { chainId } = await readChain(provider.getNetwork());
  return { chainId, verifyingContract: (await JobRegistry.getAddress()) as Hex };
}

function ensureSize(what: string, size: number, limit: number): void {
  ensureInput(size <= limit, "WORKER_JOB_TOO_LARGE", `${what} take ${size}, workers take up to ${limit}`);
}

/** Samples-by-weights products are the same in every part, so a part's credit is one. */
export function jobTerms(job: LoadedJob): JobTerms {
  return {
    shareSupply: job.shareSupply,
    poolsBps: job.poolsBps,
    samples: job.data.count,
    credits: job.rounds * job.program.parts,
    initiatorAccount: job.datasetAccounts.length,
  };
}
