import type { Contracts } from "../../src/chain/contracts.ts";
import type { TxSender } from "../../src/chain/tx-sender.ts";
import { encodeProgram } from "../../src/compute/program-file.ts";
import type { Program } from "../../src/compute/program.ts";
import { fromHex, toHex, type Hex } from "../../src/core/bytes.ts";
import { addressOfSecretKey } from "../../src/crypto/address.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import type { UnlockedKey } from "../../src/crypto/keystore.ts";
import { encodeAccounts } from "../../src/models/accounts.ts";
import type { FileSource } from "../../src/storage/ports.ts";
import { loadJob, type LoadedJob } from "../../src/worker/training-job.ts";
import { smallJob, smallProgram } from "./small-training.ts";

const CHAIN_ID = 31337n;
const ROUNDS = 2;

/** Where the stand-in says its registry is. */
const JOB_REGISTRY: Hex = `0x${"0b".repeat(20)}`;

/** A key that the same name always gives. */
export function testKey(name: string): UnlockedKey {
  const secretKey = keccak256(new TextEncoder().encode(name));
  return { secretKey, address: addressOfSecretKey(secretKey) };
}

/** An operator of the stand-in: its account and its signing key. */
export interface StubOperator {
  readonly operator: Hex;
  readonly signer: UnlockedKey;
}

/** The chain of one job, in memory: what tests change is what the contracts would say. */
export interface StubJob {
  readonly contracts: Contracts;
  readonly files: FileSource;
  readonly stored: Uint8Array[];
  readonly operators: readonly StubOperator[];
  /** What `JobRegistry.job(1)` returns. */
  readonly job: {
    status: bigint;
    coverageUntil: bigint;
    versionId: bigint;
    opener: Hex;
    lease: { holder: string; expiresAt: bigint };
    params: Record<string, unknown> & { coverageWei: bigint; deadline: bigint; leaseSeconds: bigint; parts: number };
    claim: unknown;
  };
  joined: Hex[];
  /** Operators by every signing key they ever had. */
  readonly signers: Map<string, Hex>;
  freeWei: bigint;
  /** Games that are open against parts. */
  partGames: bigint;
  /** The chain's clock. */
  now: bigint;
  /** What was sent, by the contract's function. */
  readonly sent: string[];
  readonly sender: TxSender;
  load(): Promise<LoadedJob>;
}

/** A job over the small dataset, with three operators that joined; the first one holds the lease. */
export function stubJob(program: Program = smallProgram()): StubJob {
  const { data, seed } = smallJob(program);
  const stored = [
    encodeProgram(program),
    data.samples,
    data.labels,
    new Uint8Array(data.count * 256),
    encodeAccounts([testKey("contributor").address]),
    new Uint8Array(1),
  ];
  const operators = [0, 1, 2].map((i) => ({
    operator: testKey(`operator ${i}`).address,
    signer: testKey(`signer ${i}`),
  }));
  const runner = { provider: { getNetwork: () => Promise.resolve({ chainId: CHAIN_ID }) } };
  const send = (name: string) => ({
    populateTransaction: () => {
      stub.sent.push(name);
      return Promise.resolve({});
    },
  });
  const signerOf = (operator: string): string | undefined =>
    operators.find((item) => item.operator === operator)?.signer.address;
  const contracts = {
    JobRegistry: {
      runner,
      getAddress: () => Promise.resolve(JOB_REGISTRY),
      job: () => Promise.resolve(stub.job),
      joined: () => Promise.resolve(stub.joined),
      isCovering: (_: bigint, operator: Hex) => Promise.resolve(stub.joined.includes(operator)),
      serviceId: () => Promise.resolve(1n),
      join: send("join"),
      takeLease: send("takeLease"),
      heartbeat: send("heartbeat"),
      releaseCoverage: send("releaseCoverage"),
    },
    DisputeGame: { openPartGames: () => Promise.resolve(stub.partGames) },
    Token: { approve: send("approve") },
    DatasetRegistry: {
      dataset: () =>
        Promise.resolve({
          submissions: [1n, 2n, 3n, 4n, 5n],
          count: BigInt(data.count),
          accountCount: 1n,
          root: toHex(keccak256(Buffer.from("dataset"))),
        }),
    },
    Flow: {
      submission: (index: bigint | number) => {
        const bytes = stub.stored[Number(index)] ?? new Uint8Array();
        return Promise.resolve({
          byteLength: BigInt(bytes.length),
          get root() {
            return fileRoot(bytes);
          },
        });
      },
    },
    StakePool: { availableWei: () => Promise.resolve(stub.freeWei) },
    OperatorRegistry: {
      signerOf: (operator: string) => Promise.resolve(signerOf(operator) ?? `0x${"00".repeat(20)}`),
      operatorOfSigner: (signer: string) => Promise.resolve(stub.signers.get(signer) ?? `0x${"00".repeat(20)}`),
    },
  } as unknown as Contracts;
  const files: FileSource = {
    download: (submission) => Promise.resolve(stub.stored[submission] as Uint8Array),
  };
  const stub: StubJob = {
    contracts,
    files,
    stored,
    operators,
    job: {
      status: 1n,
      coverageUntil: 0n,
      versionId: 0n,
      opener: testKey("opener").address,
      lease: { holder: operators[0]?.operator ?? "", expiresAt: 10_000n },
      params: {
        datasetId: 1n,
        programSubmission: 0n,
        programRoot: fileRoot(stored[0] as Uint8Array),
        seed: toHex(seed),
        rounds: BigInt(ROUNDS),
        parts: program.parts,
        poolsBps: [4000n, 2000n, 3000n, 1000n],
        shareSupply: 1_000_000n,
        coverageWei: 100n,
        leaseBondWei: 1n,
        deadline: 100_000n,
        leaseSeconds: 600n,
      },
      claim: undefined,
    },
    joined: operators.map(({ operator }) => operator),
    signers: new Map(operators.map(({ operator, signer }) => [signer.address, operator])),
    freeWei: 1_000n,
    partGames: 0n,
    now: 9_000n,
    sent: [],
    sender: {
      address: operators[0]?.operator ?? "",
      provider: { getBlock: () => Promise.resolve({ timestamp: Number(clock()) }) },
      send: async (request: Promise<unknown>) => {
        await request;
        return { hash: toHex(fromHex(JOB_REGISTRY)) };
      },
    } as unknown as TxSender,
    load: () => loadJob(contracts, files, 1n, new AbortController().signal),
  };
  function clock(): bigint {
    return stub.now;
  }
  return stub;
}
