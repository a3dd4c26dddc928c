import { JOB_OUTPUTS, type JobOutput } from "../compute/claims.ts";

import { checkAnswers, checkKeys } from "./check-answers.ts";
import { checkCredits } from "./check-credits.ts";
import { checkDataset } from "./check-dataset.ts";
import { checkFile } from "./check-files.ts";
import { checkClaim, checkJobAccounts, checkVersion } from "./check-job.ts";
import { checkShares } from "./check-shares.ts";
import { checkTraining } from "./check-training.ts";
import type { ChainReader, FileReader } from "./ports.ts";
import type { ProofChecker } from "./proof-checker.ts";
import { EdgeGroup, type Finding, makeReport, type Report } from "./report.ts";

/** What is being re-checked, for a progress line. */
export type VerifyStage = "dataset" | "training" | "shares" | "answers";

/** What to verify and from where. */
export interface VerifyModelOptions {
  readonly versionId: bigint;
  readonly chain: ChainReader;
  readonly files: FileReader;
  readonly proofs: ProofChecker;
  readonly signal?: AbortSignal;
  onProgress?(stage: VerifyStage, done: number, total: number): void;
}

/**
 * Walks a model version backwards and re-checks every edge: files, dataset and signed labels, training, credits and shares,
 * every key, and every paid answer. Reads only; trusts nothing but the chain. For the demo's model about 45 s on one core.
 * @throws GlassboxError `VERIFIER_VERSION_UNKNOWN`, or of kind `network` if the chain or all storage is out of reach: that is no verdict.
 */
export async function verifyModel(options: VerifyModelOptions): Promise<Report> {
  const { chain, files, proofs } = options;
  const version = await chain.version(options.versionId);
  const job = await chain.job(version.jobId);
  const dataset = await chain.dataset(job.datasetId);
  const work = (stage: VerifyStage) => ({
    ...(options.signal && { signal: options.signal }),
    onProgress: (done: number, total: number) => options.onProgress?.(stage, done, total),
  });
  const root = new EdgeGroup(
    `version:${version.versionId}`,
    `model ${version.modelId} "${version.modelName}", version ${version.versionId}`,
  );
  await checkVersion(root, version, job);

  const jobGroup = root.group(`job:${job.jobId}`, `training job ${job.jobId}`);
  await checkClaim(jobGroup, chain, job, dataset);
  const program = await checkFile(
    jobGroup,
    files,
    { name: "program", file: job.program, root: job.programRoot },
    options.signal,
  );
  const outputs = {} as Record<JobOutput, Finding<Uint8Array>>;
  for (const name of JOB_OUTPUTS) {
    const check = { name, file: job.outputs[name], root: job.roots[name] };
    // The dataset has an accounts file too; every edge has a name of its own.
    outputs[name] = await checkFile(
      jobGroup,
      files,
      { ...check, name: name === "accounts" ? "job-accounts" : name },
      options.signal,
    );
  }

  const datasetGroup = jobGroup.group(`dataset:${dataset.datasetId}`, `dataset ${dataset.datasetId}`);
  const data = await checkDataset(datasetGroup, chain, files, dataset, work("dataset"));
  const accounts = await checkJobAccounts(jobGroup, job, data.accounts, outputs.accounts);

  const trainingGroup = jobGroup.group("training", "training, recomputed");
  const { samples, labels, records } = data.files;
  const { trace, rounds } = outputs;
  const training = await checkTraining(
    trainingGroup,
    job,
    dataset.count,
    { program, samples, labels, trace, rounds },
    work("training"),
  );
  const allocation = await checkCredits(jobGroup, chain, job, dataset, {
    ...training,
    credits: outputs.credits,
    records,
    accounts,
  });

  work("shares").onProgress(0, 1);
  await checkShares(root, chain, version, accounts, allocation);
  work("answers").onProgress(0, 1);
  const keys = await chain.keys(version.versionId);
  await checkKeys(root, proofs, keys, training.program, outputs.weights, options.signal);
  await checkAnswers(root.group("receipts", "paid answers"), chain, proofs, version, keys, options.signal);
  return makeReport(`model version ${version.versionId}`, chain.chainId, root);
}
