import { type Provider, ZeroAddress } from "ethers";

import type { AddressBook } from "../chain/address-book.ts";
import { connectContracts, connectShares, type Contracts } from "../chain/contracts.ts";
import { acceptsSignature } from "../chain/erc1271.ts";
import { parseEvent } from "../chain/events.ts";
import { readLogs } from "../chain/logs.ts";
import { chainError } from "../chain/revert.ts";
import { JOB_OUTPUTS, type JobOutput } from "../compute/claims.ts";
import { jobState } from "../compute/job-state.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { DATASET_FILES, type DatasetFileName } from "../models/dataset-files.ts";

import {
  type ChainReader,
  type DatasetFacts,
  type JobFacts,
  type KeyFacts,
  type SharesFacts,
  type StoredFile,
  type VersionFacts,
} from "./ports.ts";
import { readAnswers } from "./read-answers.ts";

/** Reads a deployment through an RPC endpoint; no key is involved. */
export class EthersChainReader implements ChainReader {
  readonly chainId: number;
  readonly contracts: ChainReader["contracts"];
  readonly #provider: Provider;
  readonly #startBlock: number;
  readonly #deployed: Contracts;

  constructor(book: AddressBook, provider: Provider) {
    const { DatasetRegistry, JobRegistry, Settlement } = book.contracts;
    this.chainId = book.chainId;
    this.contracts = {
      DatasetRegistry: DatasetRegistry as Hex,
      JobRegistry: JobRegistry as Hex,
      Settlement: Settlement as Hex,
    };
    this.#provider = provider;
    this.#startBlock = book.startBlock;
    this.#deployed = connectContracts(book, provider);
  }

  async version(versionId: bigint): Promise<VersionFacts> {
    const { ModelRegistry } = this.#deployed;
    const count = await call(ModelRegistry.versionCount());
    if (versionId < 1n || versionId > count) {
      throw new GlassboxError("usage", "VERIFIER_VERSION_UNKNOWN", `there is no model version ${versionId}`, {
        details: { versionId: versionId.toString(), versionCount: count.toString() },
        hint: count === 0n ? "no version has been published yet" : `versions are 1 to ${count}`,
      });
    }
    const version = await call(ModelRegistry.version(versionId));
    return {
      versionId,
      modelId: version.modelId,
      modelName: await call(ModelRegistry.modelName(version.modelId)),
      jobId: version.jobId,
      datasetId: version.datasetId,
      weightsRoot: version.weightsRoot as Hex,
      weightsSubmission: version.weightsSubmission,
      programRoot: version.programRoot as Hex,
      traceRoot: version.traceRoot as Hex,
      allocationRoot: version.allocationRoot as Hex,
      accountsRoot: version.accountsRoot as Hex,
      accountCount: Number(version.accountCount),
      shareSupply: version.shareSupply,
      shares: version.shares as Hex,
    };
  }

  async job(jobId: bigint): Promise<JobFacts> {
    const { JobRegistry } = this.#deployed;
    const job = await call(JobRegistry.job(jobId));
    const { params, claim } = job;
    const [data, labels, compute, initiator] = params.poolsBps.map(Number);
    const outputs = {} as Record<JobOutput, StoredFile>;
    for (const [i, name] of JOB_OUTPUTS.entries()) outputs[name] = await this.#file(claim.submissions[i] ?? 0n);
    return {
      jobId,
      modelId: params.modelId,
      datasetId: params.datasetId,
      versionId: job.versionId,
      isAccepted: jobState(job) === "accepted",
      program: await this.#file(params.programSubmission),
      programRoot: params.programRoot as Hex,
      seed: params.seed as Hex,
      rounds: Number(params.rounds),
      parts: Number(params.parts),
      poolsBps: [data ?? 0, labels ?? 0, compute ?? 0, initiator ?? 0],
      shareSupply: params.shareSupply,
      opener: job.opener as Hex,
      joined: (await call(JobRegistry.joined(jobId))) as Hex[],
      author: claim.author as Hex,
      roots: {
        weights: claim.outputs.weightsRoot as Hex,
        allocation: claim.outputs.allocationRoot as Hex,
        trace: claim.outputs.traceRoot as Hex,
        credits: claim.outputs.creditsRoot as Hex,
        accounts: claim.outputs.accountsRoot as Hex,
        rounds: claim.outputs.roundsRoot as Hex,
      },
      outputs,
      accountCount: Number(claim.outputs.accountCount),
      signature: await this.#claimSignature(jobId, claim.number),
    };
  }

  async dataset(datasetId: bigint): Promise<DatasetFacts> {
    const dataset = await call(this.#deployed.DatasetRegistry.dataset(datasetId));
    const files = {} as Record<DatasetFileName, StoredFile>;
    const roots = {} as Record<DatasetFileName, Hex>;
    for (const [i, name] of DATASET_FILES.entries()) {
      files[name] = await this.#file(dataset.submissions[i] ?? 0n);
      roots[name] = dataset.roots[i] as Hex;
    }
    return {
      datasetId,
      root: dataset.root as Hex,
      roots,
      files,
      count: Number(dataset.count),
      accountCount: Number(dataset.accountCount),
      licenceHash: dataset.licenceHash as Hex,
    };
  }

  async shares(version: VersionFacts): Promise<SharesFacts> {
    const shares = connectShares(version.shares, this.#provider);
    const terms = await call(shares.terms());
    const logs = await this.#logs(version.shares, await shares.filters.SharesClaimed().getTopicFilter());
    const claims = logs.flatMap((log) => {
      const claimed = parseEvent(log, shares, "SharesClaimed");
      if (!claimed) return [];
      return [{ index: Number(claimed.accountIndex), account: claimed.account as Hex, amount: claimed.amount }];
    });
    return {
      versionId: terms.versionId,
      accountsRoot: terms.accountsRoot as Hex,
      allocationRoot: terms.allocationRoot as Hex,
      accountCount: Number(terms.accountCount),
      supply: terms.supply,
      totalSupply: await call(shares.totalSupply()),
      receivedWei: await call(shares.receivedWei()),
      paidWei: await call(shares.paidWei()),
      claims,
    };
  }

  async keys(versionId: bigint): Promise<readonly KeyFacts[]> {
    const { VerifierRegistry } = this.#deployed;
    const filter = VerifierRegistry.filters.KeyRegistered(versionId);
    const logs = await this.#logs(await VerifierRegistry.getAddress(), await filter.getTopicFilter());
    const keys: KeyFacts[] = [];
    for (const log of logs) {
      const registered = parseEvent(log, VerifierRegistry, "KeyRegistered");
      if (!registered) continue;
      const { circuitId, keyHash, insecure } = registered;
      const { committed, weightsTwin, refuted } = await call(VerifierRegistry.key(versionId, circuitId));
      keys.push({
        circuitId: circuitId as Hex,
        keyHash: keyHash as Hex,
        encodedKey: fromHex(await call(VerifierRegistry.encodedKey(versionId, circuitId))),
        insecure,
        weightsTwin: committed ? weightsTwin : undefined,
        refuted,
      });
    }
    return keys;
  }

  async answers(versionId: bigint): ReturnType<ChainReader["answers"]> {
    const { Settlement } = this.#deployed;
    const filter = Settlement.filters.AnswerSettled(undefined, undefined, versionId);
    const logs = await this.#logs(await Settlement.getAddress(), await filter.getTopicFilter());
    return readAnswers(this.#provider, Settlement, logs);
  }

  async operatorOfSigner(signer: Hex): Promise<Hex | undefined> {
    const operator = await call(this.#deployed.OperatorRegistry.operatorOfSigner(signer));
    return operator === ZeroAddress ? undefined : (operator as Hex);
  }

  isValidSignature(account: Hex, digest: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return acceptsSignature(this.#provider, account, digest, signature);
  }

  async #claimSignature(jobId: bigint, claimNumber: bigint): Promise<Uint8Array | undefined> {
    const { JobRegistry } = this.#deployed;
    const filter = JobRegistry.filters.JobClaimed(jobId, claimNumber);
    const [log] = await this.#logs(await JobRegistry.getAddress(), await filter.getTopicFilter());
    const claimed = log && parseEvent(log, JobRegistry, "JobClaimed");
    return claimed && fromHex(claimed.signature);
  }

  async #file(submission: bigint): Promise<StoredFile> {
    const { root, byteLength } = await call(this.#deployed.Flow.submission(submission));
    return { submission, root: root as Hex, byteLength: Number(byteLength) };
  }

  async #logs(address: string, topics: Parameters<typeof readLogs>[1]["topics"]): ReturnType<typeof readLogs> {
    const head = await call(this.#provider.getBlockNumber());
    return readLogs(this.#provider, { address, topics }, this.#startBlock, head);
  }
}

async function call<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw chainError(error);
  }
}
