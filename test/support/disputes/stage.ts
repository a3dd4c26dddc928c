import { Contract, ZeroAddress, type BaseContract, type Signer } from "ethers";
import { network } from "hardhat";

import { contractInterface } from "../../../src/chain/abi.ts";
import { CONTRACT_SOURCES, type ContractName } from "../../../src/chain/contract-names.ts";
import type { Contracts } from "../../../src/chain/contracts.ts";
import { eventOf, eventsOf } from "../../../src/chain/events.ts";
import type { RawProvider } from "../../../src/chain/read.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { programRegistration } from "../../../src/compute/program-registration.ts";
import type { Program } from "../../../src/compute/program.ts";
import { LEAF_BYTES, toHex, type Hex } from "../../../src/core/bytes.ts";
import { RECORD_OFFSETS } from "../../../src/core/record-layout.ts";
import { GlassboxError } from "../../../src/core/errors.ts";
import { encodeTensor } from "../../../src/core/tensor.ts";
import { FileTree } from "../../../src/crypto/file-tree.ts";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import type { UnlockedKey } from "../../../src/crypto/keystore.ts";
import { encodeAccounts } from "../../../src/models/accounts.ts";
import { delegateStake } from "../../../src/staking/deposits.ts";
import { registerOperator } from "../../../src/staking/operators.ts";
import { joinService } from "../../../src/staking/participation.ts";
import type { FileSource } from "../../../src/storage/ports.ts";
import { INPUTS } from "../every-operation.ts";
import { testKey } from "../stub-job.ts";
import { startKeeper } from "./keeper.ts";

const WAD = 10n ** 18n;
const DELAY_SECONDS = 7 * 24 * 3600;
const EPOCH_SECONDS = 3600;
/** Answers 1 to everything: every file is held, for ever, and costs one wei a leaf. Deals are no part of a game. */
const GENEROUS_MARKET = "0x60015f5260205ff3";

/** The terms of everything that is played for, in wei. */
export const TERMS = {
  stakeWei: 1_000n * WAD,
  claimBondWei: 100n * WAD + 1n,
  leaseBondWei: 10n * WAD,
  coverageWei: 60n * WAD,
  /** Of a slash of the coverage. */
  bountyWei: 3n * WAD,
  gameBondWei: 20n * WAD + 1n,
  answerStakeWei: 30n * WAD,
  feeWei: 7n * WAD,
  budgetSeconds: 3_600,
  extensionSeconds: 300,
  claimWindowSeconds: 7_200,
  auditFeeWei: 9n * WAD + 1n,
  auditBondWei: 5n * WAD + 1n,
  auditsPerClaim: 2,
  revealSeconds: 3_600,
  challengeSeconds: 1_800,
} as const;

/** Who plays; the first has an account for each. */
export const PLAYERS = ["opener", "author", "worker", "challenger", "rival", "stranger", "watcher", "copycat"] as const;
export type Player = (typeof PLAYERS)[number];
/** Operators of the compute service; author and worker join the jobs. */
export const OPERATORS = ["author", "worker", "watcher", "copycat"] as const;

/** What a dataset is made of. */
export interface DatasetSize {
  readonly samples: number;
  /** Bytes of a sample. */
  readonly inputs: number;
  readonly classes: number;
  readonly accounts: number;
}

/** More than one chunk of samples and accounts. */
const SMALL: DatasetSize = { samples: 1_100, inputs: INPUTS, classes: 8, accounts: 1_030 };

/** A chain in this process with all contracts that a dispute touches, a dataset, and operators with stake. */
export interface DisputeStage {
  readonly provider: RawProvider;
  readonly contracts: Contracts;
  readonly senders: Readonly<Record<Player, TxSender>>;
  /** The keys that operators sign with. */
  readonly keys: Readonly<Record<(typeof OPERATORS)[number], UnlockedKey>>;
  /** What was submitted, as far as storage gives it. */
  readonly files: Map<number, Uint8Array>;
  readonly storage: FileSource;
  readonly datasetId: bigint;
  /** Submits files with one account. @returns the places of the submissions */
  submit(sender: TxSender, files: readonly Uint8Array[]): Promise<number[]>;
  /** Registers a program, and opens a job for it that author and worker join and author leads. */
  openJob(program: Program, rounds: number, seed?: Uint8Array, auditFeeWei?: bigint): Promise<bigint>;
  passSeconds(seconds: number): Promise<void>;
  snapshot(): Promise<string>;
  revert(snapshot: string): Promise<void>;
  close(): Promise<void>;
}

/** Sets the stage. @param isStored whether files lie with a storage operator under real deals, which takes longer */
export async function setStage(size = SMALL, isStored = false): Promise<DisputeStage> {
  const { ethers } = await network.create();
  const signers = await ethers.getSigners();
  const provider = ethers.provider as unknown as RawProvider;
  const deploy = async (name: string, ...args: unknown[]): Promise<BaseContract> =>
    (await ethers.deployContract(name, args)).waitForDeployment();
  const Token = await deploy("TokenMock");
  const OperatorRegistry = await deploy("OperatorRegistry", DELAY_SECONDS);
  const ServiceRegistry = await deploy("ServiceRegistry", OperatorRegistry, EPOCH_SECONDS, ZeroAddress);
  const StakePool = await deploy("StakePool", Token, OperatorRegistry, ServiceRegistry, 168);
  const BlockSeeds = await deploy("BlockSeeds");
  const Flow = await deploy("Flow", STORAGE, BlockSeeds, StakePool);
  const DatasetRegistry = await deploy("DatasetRegistry", Flow);
  const ProgramRegistry = await deploy("ProgramRegistry");
  const steps = await deploy("OneStepVerifier", ProgramRegistry);
  const subjects = await deploy("SubjectReader", ProgramRegistry, TERMS.answerStakeWei);
  const DisputeGame = await deploy("DisputeGame", {
    token: Token,
    programs: ProgramRegistry,
    steps,
    bondWei: TERMS.gameBondWei,
    budgetSeconds: TERMS.budgetSeconds,
    extensionSeconds: TERMS.extensionSeconds,
    subjects,
  });
  const AuditDesk = await deploy("AuditDesk", {
    token: Token,
    bondWei: TERMS.auditBondWei,
    auditsPerClaim: TERMS.auditsPerClaim,
    revealSeconds: TERMS.revealSeconds,
    challengeSeconds: TERMS.challengeSeconds,
  });
  const JobRegistry = await deploy("JobRegistry", {
    token: Token,
    operators: OperatorRegistry,
    services: ServiceRegistry,
    pool: StakePool,
    datasets: DatasetRegistry,
    flow: Flow,
    disputeGame: DisputeGame,
    auditDesk: AuditDesk,
    limits: LIMITS,
  });
  const bound: Partial<Record<ContractName, Contract>> = {};
  const bind = (name: ContractName, address: string): Contract =>
    (bound[name] = new Contract(address, contractInterface(CONTRACT_SOURCES[name]), ethers.provider));
  const deployed = {
    Token,
    OperatorRegistry,
    ServiceRegistry,
    StakePool,
    BlockSeeds,
    Flow,
    DatasetRegistry,
    ProgramRegistry,
    DisputeGame,
    AuditDesk,
    JobRegistry,
  };
  for (const [name, contract] of Object.entries(deployed)) bind(name as ContractName, await contract.getAddress());
  bind("Slasher", (await (bound.StakePool as Contract).getFunction("slasher").staticCall()) as string);
  bind("ModelRegistry", (await (bound.JobRegistry as Contract).getFunction("models").staticCall()) as string);
  const market = (await (bound.Flow as Contract).getFunction("market").staticCall()) as string;
  bind("Market", market);
  if (!isStored) await provider.send("hardhat_setCode", [market, GENEROUS_MARKET]);
  else bind("StorageProofs", (await (bound.Market as Contract).getFunction("proofs").staticCall()) as string);

  const contracts = bound as unknown as Contracts;
  const senders = {} as Record<Player, TxSender>;
  for (const [i, player] of PLAYERS.entries()) senders[player] = await TxSender.create(signers[i] as unknown as Signer);
  const keys = {
    author: testKey("author"),
    worker: testKey("worker"),
    watcher: testKey("watcher"),
    copycat: testKey("copycat"),
  };
  const files = new Map<number, Uint8Array>();
  const passSeconds = async (seconds: number): Promise<void> => {
    await provider.send("evm_increaseTime", [seconds]);
    await provider.send("hardhat_mine", ["0x1"]);
  };
  const keeper = isStored
    ? await startKeeper({ provider, contracts, signer: signers[PLAYERS.length] as unknown as Signer })
    : undefined;
  const submit = async (sender: TxSender, given: readonly Uint8Array[]): Promise<number[]> => {
    const places = await (keeper?.submit(sender, given) ?? submitFiles(contracts, sender, given));
    places.forEach((place, i) => files.set(place, given[i] as Uint8Array));
    return places;
  };
  for (const player of PLAYERS) {
    const sender = senders[player];
    await sender.send(contracts.Token.mint.populateTransaction(sender.address, 100_000n * WAD));
  }
  const serviceId = await contracts.JobRegistry.serviceId();
  for (const player of OPERATORS) {
    await registerOperator(contracts, senders[player], keys[player].address, "");
    await delegateStake(contracts, senders[player], senders[player].address, TERMS.stakeWei);
    await joinService(contracts, senders[player], { serviceId, magnitudeWad: WAD });
  }
  await passSeconds(DELAY_SECONDS + 2 * EPOCH_SECONDS);
  const datasetId = await publishDataset(contracts, senders.opener, submit, size);
  return {
    provider,
    contracts,
    senders,
    keys,
    files,
    storage: fileSource(files, keeper?.storage),
    datasetId,
    submit,
    openJob: (program, rounds, seed, auditFeeWei = 0n) =>
      openJob({ contracts, senders, datasetId, submit, provider }, program, { rounds, auditFeeWei, seed }),
    passSeconds,
    snapshot: async () => String(await provider.send("evm_snapshot", [])),
    revert: async (snapshot) => {
      await provider.send("evm_revert", [snapshot]);
    },
    close: async () => keeper?.close(),
  };
}

/** Reads what was submitted; what was taken away is withheld. */
function fileSource(files: ReadonlyMap<number, Uint8Array>, kept?: FileSource): FileSource {
  return {
    download: (submission, signal) => {
      const file = files.get(submission);
      if (file) return kept?.download(submission, signal) ?? Promise.resolve(file);
      return Promise.reject(new GlassboxError("network", "STORAGE_FILE_UNAVAILABLE", `${submission} is withheld`));
    },
  };
}

async function submitFiles({ Flow }: Contracts, sender: TxSender, given: readonly Uint8Array[]): Promise<number[]> {
  const submissions = given.map((bytes) => ({
    data: { length: bytes.length, tags: "0x", nodes: new FileTree(bytes).submissionNodes() },
    submitter: sender.address,
  }));
  const valueWei = given.reduce((sum, bytes) => sum + 2n * BigInt(Math.ceil(bytes.length / LEAF_BYTES)), 1n);
  const receipt = await sender.send(Flow.batchSubmit.populateTransaction(submissions, { value: valueWei }));
  return eventsOf(receipt, Flow, "Submit").map(({ submissionIndex }) => Number(submissionIndex));
}

/** Samples whose class is where they are bright, given and labelled by accounts in turn. */
async function publishDataset(
  { DatasetRegistry }: Contracts,
  sender: TxSender,
  submit: DisputeStage["submit"],
  size: DatasetSize,
): Promise<bigint> {
  const { inputs, classes } = size;
  const samples = Uint8Array.from({ length: size.samples * inputs }, (_, at) => {
    const bright = Math.floor(((at % inputs) * classes) / inputs) === Math.floor(at / inputs) % classes;
    return (bright ? 180 : 10) + ((at * 37) % 60);
  });
  const labels = Uint8Array.from({ length: size.samples }, (_, i) => i % classes);
  const records = new Uint8Array(size.samples * LEAF_BYTES);
  const view = new DataView(records.buffer);
  for (let i = 0; i < size.samples; i++) {
    view.setInt32(i * LEAF_BYTES + RECORD_OFFSETS.contributor, (i * 7) % size.accounts, true);
    view.setInt32(i * LEAF_BYTES + RECORD_OFFSETS.labeller, (i * 5) % 11, true);
  }
  const accounts = Array.from({ length: size.accounts }, (_, i): Hex => `0x${(i + 1).toString(16).padStart(40, "0")}`);
  const files = [
    encodeTensor({ type: "u8", rows: size.samples, columns: inputs }, samples),
    encodeTensor({ type: "u8", rows: size.samples, columns: 1 }, labels),
    records,
    encodeAccounts(accounts),
    new Uint8Array(1),
  ];
  const places = await submit(sender, files);
  const roots = files.map((file) => new FileTree(file).root);
  const receipt = await sender.send(
    DatasetRegistry.publish.populateTransaction(
      roots as [Hex, Hex, Hex, Hex, Hex],
      places as [number, number, number, number, number],
      size.samples,
      size.accounts,
      toHex(keccak256(new Uint8Array())),
    ),
  );
  return eventOf(receipt, DatasetRegistry, "DatasetPublished").datasetId;
}

interface JobTerms {
  readonly rounds: number;
  readonly auditFeeWei: bigint;
  readonly seed: Uint8Array | undefined;
}

async function openJob(
  stage: Pick<DisputeStage, "contracts" | "senders" | "datasetId" | "submit" | "provider">,
  program: Program,
  { rounds, auditFeeWei, seed = Uint8Array.from({ length: 32 }, (_, i) => i) }: JobTerms,
): Promise<bigint> {
  const { contracts, senders, datasetId, submit, provider } = stage;
  const { JobRegistry, ModelRegistry, ProgramRegistry, Token } = contracts;
  const { opener, author, worker } = senders;
  const file = encodeProgram(program);
  const [place] = await submit(opener, [file]);
  const programRoot = new FileTree(file).root;
  if (!(await ProgramRegistry.isRegistered(programRoot))) {
    const { head, constantRoots } = programRegistration(program);
    await opener.send(ProgramRegistry.register.populateTransaction(head, [...constantRoots]));
  }
  const created = await opener.send(ModelRegistry.createModel.populateTransaction("digits"));
  const { modelId } = eventOf(created, ModelRegistry, "ModelCreated");
  const registry = await JobRegistry.getAddress();
  for (const sender of [opener, author]) await sender.send(Token.approve.populateTransaction(registry, 10n ** 24n));
  const latest = await provider.getBlock("latest");
  const opened = await opener.send(
    JobRegistry.openJob.populateTransaction({
      modelId,
      datasetId,
      programSubmission: place ?? 0,
      programRoot,
      seed: toHex(seed),
      rounds,
      parts: program.parts,
      poolsBps: [4_000, 2_000, 3_000, 1_000],
      shareSupply: 1_000_000_000_000n,
      feeWei: TERMS.feeWei,
      auditFeeWei,
      claimBondWei: TERMS.claimBondWei,
      leaseBondWei: TERMS.leaseBondWei,
      coverageWei: TERMS.coverageWei,
      deadline: BigInt(latest?.timestamp ?? 0) + 86_400n,
      claimWindowSeconds: TERMS.claimWindowSeconds,
      leaseSeconds: 20_000,
    }),
  );
  const { jobId } = eventOf(opened, JobRegistry, "JobOpened");
  for (const sender of [author, worker]) await sender.send(JobRegistry.join.populateTransaction(jobId));
  await author.send(JobRegistry.takeLease.populateTransaction(jobId));
  return jobId;
}

const STORAGE = {
  pricePerLeafEpochWei: 1n,
  coveragePerLeafWei: 1n,
  epochBlocks: 40,
  dealEpochs: 50,
  reportEpochs: 8,
  fillBlocks: 2_000,
  copies: 1,
  fillLeaves: 1,
  challengeLeaves: 1,
  missTolerance: 0,
  bountyBps: 0,
  missWad: WAD / 20n,
  slashCapWad: WAD,
  groupId: 0,
  maxObligationSeconds: 24 * 3600,
};

const LIMITS = {
  minClaimBondWei: 2,
  minLeaseBondWei: 2,
  minCoverageWei: 1,
  maxJobSeconds: 2 * 86_400,
  minClaimWindowSeconds: 60,
  maxClaimWindowSeconds: 86_400,
  gameSeconds: 86_400,
  minLeaseSeconds: 60,
  availabilityEpochs: 1,
};
