import { type Hex, toHex } from "../../src/core/bytes.ts";
import { GlassboxError } from "../../src/core/errors.ts";
import { allocateShares, encodeAllocation, encodeCredits } from "../../src/compute/allocation.ts";
import { jobClaim, partClaim } from "../../src/compute/claims.ts";
import { mlp } from "../../src/compute/networks/mlp.ts";
import { encodeProgram } from "../../src/compute/program-file.ts";
import { encodeRoundsFile, type SignedPart } from "../../src/compute/rounds-file.ts";
import { encodeTrace } from "../../src/compute/trace.ts";
import { trainRounds } from "../../src/compute/training.ts";
import { addressOfSecretKey } from "../../src/crypto/address.ts";
import { typedDataDigest } from "../../src/crypto/eip712.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { CLAIM_TYPE } from "../../src/crypto/messages.ts";
import { signDigest } from "../../src/crypto/signature.ts";
import { encodeAccounts } from "../../src/models/accounts.ts";
import { buildDataset } from "../../src/models/build-dataset.ts";
import { readDataset } from "../../src/models/dataset.ts";
import { licenceHash } from "../../src/models/dataset-description.ts";
import { DATASET_FILES, type DatasetFiles, datasetRoot, datasetRoots } from "../../src/models/dataset-files.ts";
import { encodeManifest } from "../../src/models/manifest.ts";
import { type Receipt, requestsRoot, voucherDigest } from "../../src/models/receipt.ts";
import type {
  AnswerFacts,
  ChainReader,
  DatasetFacts,
  JobFacts,
  KeyFacts,
  SharesFacts,
  StoredFile,
  VersionFacts,
} from "../../src/verifier/ports.ts";
import type { ProofChecker } from "../../src/verifier/proof-checker.ts";
import { smallSource } from "./small-dataset.ts";

/** Everything a verifier reads of one model version, in memory, so that a test can change any of it. */
export interface ModelWorld {
  version: VersionFacts;
  job: JobFacts;
  dataset: DatasetFacts;
  shares: SharesFacts;
  keys: KeyFacts[];
  answers: AnswerFacts[];
  /** By root. */
  readonly files: Map<Hex, Uint8Array>;
  /** Operators by the address of their signing key. */
  readonly operators: Map<string, Hex>;
}

/** What a world is made with, where it is to be made falsely. */
export interface WorldChanges {
  /** The published files, before their roots are taken. */
  dataset?(files: DatasetFiles): Partial<DatasetFiles>;
  /** The final weights, before their root is taken. */
  weights?(weights: Uint8Array): Uint8Array;
  /** The end of every part, as the workers commit to it. */
  end?(end: Uint8Array, round: number, part: number): Uint8Array;
}

export const CONTRACTS = {
  DatasetRegistry: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  JobRegistry: `0x${"0b".repeat(20)}`,
  Settlement: `0x${"5e".repeat(20)}`,
} as const;

const CHAIN_ID = 31337;
const COUNT = 32;
const SAMPLE_BYTES = 16;
const CLASSES = 4;
const ROUNDS = 3;
const PARTS = 3;
const SUPPLY = 1_000_000n;
const PRICE_WEI = 500n;
const CIRCUIT: Hex = `0x${"c1".repeat(32)}`;
const COMMITTED_CIRCUIT: Hex = `0x${"c2".repeat(32)}`;
export const TRAINING_CIRCUIT: Hex = `0x${"c3".repeat(32)}`;
const COMMITTED_KEY = new Uint8Array(32).fill(0xc2);
const BAKED = { weightsTwin: undefined, refuted: false };
const SEED: Hex = `0x${"07".repeat(32)}`;

/** The program of all worlds: a perceptron of 16, 8 and 4. */
export const PROGRAM = mlp([SAMPLE_BYTES, 8, CLASSES], {
  parts: PARTS,
  batch: 4,
  stepsPerPart: 2,
  layers: [
    { clamp: 10_000, initMultiplier: 5_732, shift: 12, gradientShift: 0, updateShift: 12 },
    { clamp: 13_107, initMultiplier: 28_378, shift: 11, gradientShift: 13, updateShift: 11 },
  ],
});

const key = (name: string): Uint8Array => keccak256(new TextEncoder().encode(name));

/** Trains a small model, publishes it, and sells three answers. */
export async function makeWorld(changes: WorldChanges = {}): Promise<ModelWorld> {
  const files = new Map<Hex, Uint8Array>();
  const store = (bytes: Uint8Array): StoredFile => {
    const root = fileRoot(bytes);
    files.set(root, bytes);
    return { submission: BigInt(files.size), root, byteLength: bytes.length };
  };

  const honest = await buildDataset(await worldSource());
  const { accounts, manifest } = readDataset(honest);
  const changed = { ...honest, ...changes.dataset?.(honest) };
  const published = { ...changed, manifest: encodeManifest(manifest, changed) };
  const roots = datasetRoots(published);
  const dataset: DatasetFacts = {
    datasetId: 1n,
    root: datasetRoot(roots),
    roots,
    files: Object.fromEntries(DATASET_FILES.map((name) => [name, store(published[name])])) as DatasetFacts["files"],
    count: COUNT,
    accountCount: accounts.length,
    licenceHash: licenceHash(manifest.licence),
  };

  const program = store(encodeProgram(PROGRAM));
  const data = { samples: published.samples, labels: published.labels, count: COUNT };
  const trained = [...trainRounds({ program: PROGRAM, seed: key("unused").map(() => 7), data }, ROUNDS)];
  const operatorKeys = [0, 1, 2].map((i) => key(`signer ${i}`));
  const joined = operatorKeys.map((_, i) => addressOfSecretKey(key(`operator ${i}`)));
  const operators = new Map(operatorKeys.map((secret, i) => [addressOfSecretKey(secret), joined[i] as Hex]));

  const ends = trained.map(({ ends: parts, round }) =>
    parts.map((end, part) => fileRoot(changes.end?.(end, round, part) ?? end)),
  );
  const last = trained.at(-1)?.next ?? new Uint8Array(1);
  const weights = changes.weights?.(last) ?? last;
  const trace = {
    rounds: trained.map(({ start }, round) => ({ start: fileRoot(start), ends: ends[round] ?? [] })),
    final: fileRoot(last),
  };
  const domain = { chainId: CHAIN_ID, verifyingContract: CONTRACTS.JobRegistry };
  const claimed = { jobId: 1n, programRoot: program.root, datasetRoot: dataset.root, seedHex: SEED };
  const signedParts = trace.rounds.flatMap(({ start, ends: parts }, round) =>
    parts.map((endRoot, part): SignedPart => {
      const index = round * PARTS + part;
      const claim = partClaim(claimed, { index: BigInt(index), startRoot: start, endRoot });
      const by = index % 3;
      const signature = signDigest(typedDataDigest(domain, CLAIM_TYPE, claim), operatorKeys[by] as Uint8Array);
      return { operator: joined[by] as Hex, signature: toHex(signature) };
    }),
  );
  const opener = addressOfSecretKey(key("opener"));
  const people = [...accounts, opener, ...joined];
  const credits = encodeCredits(signedParts.map(({ operator }) => people.indexOf(operator)));
  const poolsBps = [4000, 2000, 3000, 1000] as const;
  const amounts = allocateShares(PROGRAM, {
    records: published.records,
    credits,
    accounts: people.length,
    terms: {
      shareSupply: SUPPLY,
      poolsBps,
      samples: COUNT,
      credits: ROUNDS * PARTS,
      initiatorAccount: accounts.length,
    },
  });
  const outputs = {
    weights: store(weights),
    allocation: store(encodeAllocation(amounts)),
    trace: store(encodeTrace(trace, PARTS)),
    credits: store(credits),
    accounts: store(encodeAccounts(people)),
    rounds: store(encodeRoundsFile({ starts: trained.map(({ start }) => start), signedParts })),
  };
  const outputRoots = Object.fromEntries(
    Object.entries(outputs).map(([name, file]) => [name, file.root]),
  ) as JobFacts["roots"];
  const claim = jobClaim(claimed, outputRoots);
  const job: JobFacts = {
    jobId: 1n,
    modelId: 1n,
    datasetId: 1n,
    versionId: 1n,
    isAccepted: true,
    program,
    programRoot: program.root,
    seed: SEED,
    rounds: ROUNDS,
    parts: PARTS,
    poolsBps: [...poolsBps],
    shareSupply: SUPPLY,
    opener,
    joined,
    author: joined[0] as Hex,
    roots: outputRoots,
    outputs,
    accountCount: people.length,
    signature: signDigest(typedDataDigest(domain, CLAIM_TYPE, claim), operatorKeys[0] as Uint8Array),
  };
  const version: VersionFacts = {
    versionId: 1n,
    modelId: 1n,
    modelName: "digits",
    jobId: 1n,
    datasetId: 1n,
    weightsRoot: outputs.weights.root,
    weightsSubmission: outputs.weights.submission,
    programRoot: program.root,
    traceRoot: outputRoots.trace,
    allocationRoot: outputRoots.allocation,
    accountsRoot: outputRoots.accounts,
    accountCount: people.length,
    shareSupply: SUPPLY,
    shares: `0x${"55".repeat(20)}`,
  };
  const shares: SharesFacts = {
    versionId: 1n,
    accountsRoot: version.accountsRoot,
    allocationRoot: version.allocationRoot,
    accountCount: people.length,
    supply: SUPPLY,
    totalSupply: SUPPLY,
    receivedWei: 3n,
    paidWei: 1n,
    claims: [0, 5].map((index) => ({ index, account: people[index] as Hex, amount: amounts[index] as bigint })),
  };
  const encodedKey = bakedKey(weights);
  return {
    version,
    job,
    dataset,
    shares,
    keys: [{ circuitId: CIRCUIT, keyHash: toHex(keccak256(encodedKey)), encodedKey, insecure: true, ...BAKED }],
    answers: [1n, 2n, 3n].map((units) => settledAnswer(units, encodedKey)),
    files,
    operators,
  };
}

/** The ports of a verifier that sees nothing but a world. */
export function portsOf(world: ModelWorld): {
  chain: ChainReader;
  files: { read(file: StoredFile): Promise<Uint8Array> };
  proofs: ProofChecker;
} {
  return {
    chain: {
      chainId: CHAIN_ID,
      contracts: CONTRACTS,
      version: () => Promise.resolve(world.version),
      job: () => Promise.resolve(world.job),
      dataset: () => Promise.resolve(world.dataset),
      shares: () => Promise.resolve(world.shares),
      keys: () => Promise.resolve(world.keys),
      answers: () => Promise.resolve(world.answers),
      operatorOfSigner: (signer) => Promise.resolve(world.operators.get(signer)),
      isValidSignature: () => Promise.resolve(false),
    },
    files: {
      read: ({ root }) => {
        const bytes = world.files.get(root);
        if (bytes) return Promise.resolve(bytes);
        return Promise.reject(new GlassboxError("check", "STORAGE_FILE_MISSING", `nobody keeps ${root}`));
      },
    },
    proofs: {
      bakeKey: (_, weights) => Promise.resolve({ circuitId: CIRCUIT, encodedKey: bakedKey(weights) }),
      committedKey: (_, weights) =>
        Promise.resolve({ circuitId: COMMITTED_CIRCUIT, encodedKey: COMMITTED_KEY, weightsTwin: twinOf(weights) }),
      isTraining: (circuitId) => circuitId === TRAINING_CIRCUIT,
      verify: (encodedKey, [first], inputs) => Promise.resolve(first === provenWord(encodedKey, ...inputs)),
    },
  };
}

/** Sixteen pixels of each digit, and labels of four classes. */
async function worldSource(): ReturnType<typeof smallSource> {
  const digits = await smallSource(COUNT);
  const samples = new Uint8Array(COUNT * SAMPLE_BYTES);
  for (let i = 0; i < samples.length; i++) {
    const pixel = (4 + 6 * Math.floor((i % 16) / 4)) * 28 + 4 + 6 * (i % 4);
    samples[i] = digits.samples[Math.floor(i / 16) * 784 + pixel] ?? 0;
    // Sampling leaves few pixels, so the corner tells samples apart.
    if (i % 16 === 15) samples[i] = Math.floor(i / 16);
  }
  const labels = digits.labels.map((label) => label % CLASSES);
  const description = { ...digits.description, sampleBytes: SAMPLE_BYTES, classes: CLASSES };
  return { ...digits, description, samples, labels };
}

function settledAnswer(units: bigint, encodedKey: Uint8Array): AnswerFacts {
  const consumerKey = key("consumer");
  const inputHash = 1000n + units;
  const answer = units % 4n;
  const voucher = {
    consumer: addressOfSecretKey(consumerKey),
    provider: addressOfSecretKey(key("operator 0")),
    versionId: 1n,
    priceVersion: 0,
    units,
    cumulativeFeeWei: PRICE_WEI * units,
    requestsRoot: requestsRoot(inputHash),
  };
  const digest = voucherDigest({ chainId: CHAIN_ID, verifyingContract: CONTRACTS.Settlement }, voucher);
  const proof = [provenWord(encodedKey, answer, inputHash), 0n, 0n, 0n, 0n, 0n, 0n, 0n];
  const receipt: Receipt = {
    voucher,
    signature: signDigest(digest, consumerKey),
    circuitId: CIRCUIT,
    inputHash,
    answer,
    proof,
  };
  const { consumer, provider, priceVersion } = voucher;
  return {
    transaction: `0x${"7a".repeat(32)}`,
    settled: { consumer, provider, priceVersion, units, circuitId: CIRCUIT, inputHash, answer, feeWei: PRICE_WEI },
    receipt,
    priceWei: PRICE_WEI,
  };
}

/** Stands for compiling the weights into a circuit: other weights, other key. */
function bakedKey(weights: Uint8Array): Uint8Array {
  return keccak256(weights);
}

/** Stands for the Poseidon twin of a weights file. */
function twinOf(weights: Uint8Array): bigint {
  return BigInt(fileRoot(weights)) >> 8n;
}

/** The world with the key of a circuit that takes weights as committed instead, and the answers under it. */
export function withCommittedKey(world: ModelWorld, circuitId = COMMITTED_CIRCUIT): ModelWorld {
  const weightsTwin = twinOf(world.files.get(world.job.outputs.weights.root) ?? new Uint8Array());
  const key = { circuitId, keyHash: toHex(keccak256(COMMITTED_KEY)), encodedKey: COMMITTED_KEY, insecure: true };
  const answers = world.answers.map((answer) => {
    const { receipt, settled } = answer;
    const { inputHash } = settled;
    const word = provenWord(COMMITTED_KEY, settled.answer, inputHash, weightsTwin);
    const proof = [word, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    return { ...answer, settled: { ...settled, circuitId }, receipt: receipt && { ...receipt, circuitId, proof } };
  });
  return { ...world, keys: [{ ...key, weightsTwin, refuted: false }], answers };
}

/** Stands for a proof: only this word is accepted. */
function provenWord(encodedKey: Uint8Array, ...inputs: readonly bigint[]): bigint {
  return BigInt(toHex(keccak256(Buffer.from([toHex(encodedKey), ...inputs].join(" ")))));
}
