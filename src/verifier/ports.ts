import type { JobOutput } from "../compute/claims.ts";
import type { Hex } from "../core/bytes.ts";
import type { DatasetFileName } from "../models/dataset-files.ts";
import type { Receipt } from "../models/receipt.ts";

/** A file that storage keeps, as `Flow` knows it. */
export interface StoredFile {
  readonly submission: bigint;
  readonly root: Hex;
  readonly byteLength: number;
}

/** A published model version. */
export interface VersionFacts {
  readonly versionId: bigint;
  readonly modelId: bigint;
  readonly modelName: string;
  readonly jobId: bigint;
  readonly datasetId: bigint;
  readonly weightsRoot: Hex;
  readonly weightsSubmission: bigint;
  readonly programRoot: Hex;
  readonly traceRoot: Hex;
  readonly allocationRoot: Hex;
  readonly accountsRoot: Hex;
  readonly accountCount: number;
  readonly shareSupply: bigint;
  readonly shares: Hex;
}

/** An accepted job with the claim that was accepted. */
export interface JobFacts {
  readonly jobId: bigint;
  readonly modelId: bigint;
  readonly datasetId: bigint;
  readonly versionId: bigint;
  readonly isAccepted: boolean;
  readonly program: StoredFile;
  readonly programRoot: Hex;
  readonly seed: Hex;
  readonly rounds: number;
  readonly parts: number;
  readonly poolsBps: readonly [number, number, number, number];
  readonly shareSupply: bigint;
  readonly opener: Hex;
  /** Operators that joined, in order. */
  readonly joined: readonly Hex[];
  readonly author: Hex;
  readonly roots: Readonly<Record<JobOutput, Hex>>;
  readonly outputs: Readonly<Record<JobOutput, StoredFile>>;
  readonly accountCount: number;
  /** The author's signature over the claim; undefined if the chain's logs do not hold it. */
  readonly signature: Uint8Array | undefined;
}

/** A published dataset. */
export interface DatasetFacts {
  readonly datasetId: bigint;
  readonly root: Hex;
  readonly roots: Readonly<Record<DatasetFileName, Hex>>;
  readonly files: Readonly<Record<DatasetFileName, StoredFile>>;
  readonly count: number;
  readonly accountCount: number;
  readonly licenceHash: Hex;
}

/** The share token of a version, and who took shares out of its escrow. */
export interface SharesFacts {
  readonly versionId: bigint;
  readonly accountsRoot: Hex;
  readonly allocationRoot: Hex;
  readonly accountCount: number;
  readonly supply: bigint;
  readonly totalSupply: bigint;
  readonly receivedWei: bigint;
  readonly paidWei: bigint;
  readonly claims: readonly { readonly index: number; readonly account: Hex; readonly amount: bigint }[];
}

/** A verifying key of a version. */
export interface KeyFacts {
  readonly circuitId: Hex;
  readonly keyHash: Hex;
  /** The words of alpha, beta, gamma, delta and every ic, as the registry keeps them. */
  readonly encodedKey: Uint8Array;
  /** Registered from a development set-up, whose trapdoor is public. */
  readonly insecure: boolean;
  /** Of a circuit that takes the weights as committed, the Poseidon twin that the registry binds; undefined if they are baked in. */
  readonly weightsTwin: bigint | undefined;
  /** Shown on chain to prove a wrong answer, and retired for it. */
  readonly refuted: boolean;
}

/** A paid answer, as it was settled. */
export interface AnswerFacts {
  readonly transaction: Hex;
  /** What the log says. */
  readonly settled: {
    readonly consumer: Hex;
    readonly provider: Hex;
    readonly priceVersion: number;
    readonly units: bigint;
    readonly circuitId: Hex;
    readonly inputHash: bigint;
    readonly answer: bigint;
    readonly feeWei: bigint;
  };
  /** What was handed in; undefined if it was settled through another contract, whose calldata is not ours to read. */
  readonly receipt: Receipt | undefined;
  /** The provider's price at this price version. */
  readonly priceWei: bigint;
}

/** The facts of a deployment; reading only. Errors of kind `network` mean that nothing is known. */
export interface ChainReader {
  readonly chainId: number;
  /** The verifying contracts of labels, claims and vouchers. */
  readonly contracts: { readonly DatasetRegistry: Hex; readonly JobRegistry: Hex; readonly Settlement: Hex };
  /** @throws GlassboxError `VERIFIER_VERSION_UNKNOWN`. */
  version(versionId: bigint): Promise<VersionFacts>;
  job(jobId: bigint): Promise<JobFacts>;
  dataset(datasetId: bigint): Promise<DatasetFacts>;
  shares(version: VersionFacts): Promise<SharesFacts>;
  keys(versionId: bigint): Promise<readonly KeyFacts[]>;
  answers(versionId: bigint): Promise<readonly AnswerFacts[]>;
  /** The operator that the signing key belongs or belonged to. */
  operatorOfSigner(signer: Hex): Promise<Hex | undefined>;
  /** What a contract account accepts by ERC-1271. */
  isValidSignature(account: Hex, digest: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Where files come from. What it returns is not trusted. */
export interface FileReader {
  read(file: StoredFile, signal?: AbortSignal): Promise<Uint8Array>;
}
