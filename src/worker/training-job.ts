import type { Contracts } from "../chain/contracts.ts";
import type { JobTerms } from "../compute/terms.ts";
import type { TrainingJob } from "../compute/training.ts";
import { decodeProgram } from "../compute/program-file.ts";
import { validateProgram } from "../compute/validate.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { Eip712Domain } from "../crypto/eip712.ts";
import { decodeAccounts } from "../models/accounts.ts";

/** Reads files of the chain's submissions, checked against the chain. */
export interface FileSource {
  download(submission: number, signal: AbortSignal): Promise<Uint8Array>;
}

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
 * Loads a job: its program, which is validated, and its dataset.
 * @throws GlassboxError a chain or storage error, or what decoding and validating the program throws.
 */
export async function loadJob(
  contracts: Contracts,
  files: FileSource,
  jobId: bigint,
  signal: AbortSignal,
): Promise<LoadedJob> {
  const { JobRegistry, DatasetRegistry } = contracts;
  const { params, opener } = await JobRegistry.job(jobId);
  const dataset = await DatasetRegistry.dataset(params.datasetId);
  const [samplesAt, labelsAt, recordsAt, accountsAt] = dataset.submissions.map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const [programFile, samples, labels, records, accounts] = await Promise.all(
    [Number(params.programSubmission), samplesAt, labelsAt, recordsAt, accountsAt].map((submission) =>
      files.download(submission, signal),
    ) as [Promise<Uint8Array>, Promise<Uint8Array>, Promise<Uint8Array>, Promise<Uint8Array>, Promise<Uint8Array>],
  );
  const program = decodeProgram(programFile);
  validateProgram(program);
  ensureCheck(
    program.parts === Number(params.parts),
    "WORKER_PROGRAM_PARTS",
    `the program has ${program.parts} parts a round, the job ${params.parts}`,
  );
  const runner = JobRegistry.runner?.provider;
  const network = await runner?.getNetwork();
  return {
    jobId,
    program,
    seed: fromHex(params.seed, 32),
    seedHex: params.seed as Hex,
    data: { samples, labels, count: Number(dataset.count) },
    programRoot: params.programRoot as Hex,
    datasetRoot: dataset.root as Hex,
    rounds: Number(params.rounds),
    domain: { chainId: network?.chainId ?? 0n, verifyingContract: (await JobRegistry.getAddress()) as Hex },
    opener: opener as Hex,
    records,
    datasetAccounts: decodeAccounts(accounts),
    shareSupply: params.shareSupply,
    poolsBps: params.poolsBps.map(Number) as unknown as JobTerms["poolsBps"],
  };
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
