import { expect } from "chai";
import { getAddress, Interface, ZeroAddress } from "ethers";

import { JOB_OUTPUTS } from "../../../src/compute/claims.ts";
import { contractInterface } from "../../../src/chain/abi.ts";
import type { AddressBook } from "../../../src/chain/address-book.ts";
import { CONTRACT_NAMES, CONTRACT_SOURCES, type ContractName } from "../../../src/chain/contract-names.ts";
import { type Hex, toHex } from "../../../src/core/bytes.ts";
import { DATASET_FILES } from "../../../src/models/dataset-files.ts";
import { EthersChainReader } from "../../../src/verifier/ethers-chain-reader.ts";
import type { StoredFile } from "../../../src/verifier/ports.ts";
import { verifyModel } from "../../../src/verifier/verify-model.ts";
import { CONTRACTS, makeWorld, type ModelWorld, portsOf, withCommittedKey } from "../../support/model-world.ts";
import { type StubFunctions, StubProvider } from "../../support/stub-provider.ts";

const CHAIN_ID = 31337;
const OTHER: Hex = `0x${"0f".repeat(20)}`;

const addresses = Object.fromEntries(
  CONTRACT_NAMES.map((name, i) => [name, getAddress(`0x${(i + 1).toString(16).padStart(40, "0")}`)]),
) as Record<ContractName, string>;

function bookOf(): AddressBook {
  const verifying = Object.fromEntries(Object.entries(CONTRACTS).map(([name, at]) => [name, getAddress(at)]));
  return { chainId: CHAIN_ID, startBlock: 0, deployedAt: "", contracts: { ...addresses, ...verifying } };
}

/** A chain that holds a world, as the contracts would answer. */
async function chainOf(world: ModelWorld): Promise<StubProvider> {
  const { version, job, dataset, shares } = world;
  const [key] = world.keys;
  const files: StoredFile[] = [job.program, ...Object.values(job.outputs), ...Object.values(dataset.files)];
  const { contracts } = bookOf();
  const outputList = [...JOB_OUTPUTS.map((name) => job.roots[name]), job.accountCount];
  const submissions = JOB_OUTPUTS.map((name) => job.outputs[name].submission);
  const functions: Partial<Record<ContractName, StubFunctions>> = {
    ModelRegistry: {
      versionCount: () => [1],
      modelName: () => [version.modelName],
      version: () => [{ ...version, parentVersionId: 0, publishedAt: 1 }],
    },
    JobRegistry: {
      joined: () => [job.joined],
      job: () => [
        {
          params: {
            ...job,
            programSubmission: job.program.submission,
            ...{ feeWei: 1, auditFeeWei: 1, claimBondWei: 1, leaseBondWei: 1, coverageWei: 1 },
            ...{ deadline: 1, claimWindowSeconds: 1, leaseSeconds: 1 },
          },
          opener: job.opener,
          status: 3,
          coverageUntil: 1,
          versionId: job.versionId,
          lease: [job.author, 1],
          claim: { author: job.author, number: 2, claimedAt: 1, outputs: outputList, submissions },
        },
      ],
    },
    DatasetRegistry: {
      dataset: () => [
        {
          ...dataset,
          roots: DATASET_FILES.map((name) => dataset.roots[name]),
          submissions: DATASET_FILES.map((name) => dataset.files[name].submission),
          publisher: OTHER,
          publishedAt: 1,
        },
      ],
    },
    Flow: {
      submission: (index) => {
        const file = files.find(({ submission }) => submission === index);
        return [
          { root: file?.root, byteLength: file?.byteLength, leaves: 1, startPos: 0, submitter: OTHER, nodeCount: 1 },
        ];
      },
    },
    VerifierRegistry: {
      encodedKey: () => [toHex(key?.encodedKey ?? new Uint8Array())],
      key: () => [
        {
          ...{ data: OTHER, retiresAt: 0, insecure: key?.insecure, bondPaidOut: false, registrant: OTHER },
          ...{ committed: key?.weightsTwin !== undefined, weightsTwin: key?.weightsTwin ?? 0n },
          ...{ refuted: key?.refuted, keyHash: key?.keyHash },
        },
      ],
    },
    Settlement: { price: () => [[world.answers[0]?.priceWei, 1]] },
    OperatorRegistry: {
      operatorOfSigner: (signer) => [world.operators.get(String(signer)) ?? ZeroAddress],
    },
  };
  const chain = new StubProvider(CHAIN_ID);
  for (const name of CONTRACT_NAMES) {
    chain.addContract(contracts[name], {
      abi: contractInterface(CONTRACT_SOURCES[name]),
      functions: functions[name] ?? {},
    });
  }
  chain.addContract(version.shares, {
    abi: contractInterface("models/ModelShares"),
    functions: {
      terms: () => [shares],
      totalSupply: () => [shares.totalSupply],
      receivedWei: () => [shares.receivedWei],
      paidWei: () => [shares.paidWei],
    },
  });
  for (const number of [1, 2]) {
    // The first claim was refuted; only the live one counts.
    const signature = number === 2 ? toHex(job.signature ?? new Uint8Array()) : "0x";
    chain.addLog(contracts.JobRegistry, "JobClaimed", [1, number, job.author, outputList, submissions, signature]);
  }
  for (const { index, account, amount } of shares.claims) {
    chain.addLog(version.shares, "SharesClaimed", [index, account, amount]);
  }
  chain.addLog(contracts.VerifierRegistry, "KeyRegistered", [1, key?.circuitId, OTHER, key?.keyHash, key?.insecure]);
  for (const [nonce, answer] of world.answers.entries()) await addAnswer(chain, contracts.Settlement, answer, nonce);
  return chain;
}

async function addAnswer(
  chain: StubProvider,
  settlement: string,
  { settled, receipt }: ModelWorld["answers"][number],
  nonce: number,
): Promise<void> {
  const abi = contractInterface(CONTRACT_SOURCES.Settlement);
  const call = receipt && [receipt.voucher, toHex(receipt.signature), { ...receipt, proof: [...receipt.proof] }];
  // Without a receipt somebody settled through a contract of their own.
  const hash = call
    ? await chain.addTransaction(settlement, abi.encodeFunctionData("settle", call), nonce)
    : await chain.addTransaction(OTHER, "0x1234", nonce);
  const { consumer, provider, priceVersion, units, circuitId, inputHash, answer, feeWei } = settled;
  const values = [consumer, provider, 1, priceVersion, units, circuitId, inputHash, answer, feeWei, 0];
  chain.addLog(settlement, "AnswerSettled", values, hash);
}

describe("EthersChainReader", () => {
  let world: ModelWorld;
  before(async () => {
    world = await makeWorld();
  });

  it("reads what the contracts say", async () => {
    const reader = new EthersChainReader(bookOf(), await chainOf(world));
    const version = await reader.version(1n);
    expect({ ...version, shares: version.shares.toLowerCase() }).to.deep.equal(world.version);
    expect(await reader.job(1n)).to.deep.equal(world.job);
    expect(await reader.dataset(1n)).to.deep.equal(world.dataset);
    expect(await reader.shares(version)).to.deep.equal(world.shares);
    expect(await reader.keys(1n)).to.deep.equal(world.keys);
    const [known] = withCommittedKey(world).keys;
    const committed = { ...world, keys: known ? [{ ...known, refuted: true }] : [] };
    expect(await new EthersChainReader(bookOf(), await chainOf(committed)).keys(1n)).to.deep.equal(committed.keys);
    const answers = await reader.answers(1n);
    expect(answers.map(({ settled }) => settled)).to.deep.equal(world.answers.map(({ settled }) => settled));
    expect(answers.map(({ receipt }) => receipt)).to.deep.equal(world.answers.map(({ receipt }) => receipt));
  });

  it("gives the verifier all it needs", async () => {
    const chain = new EthersChainReader(bookOf(), await chainOf(world));
    const report = await verifyModel({ versionId: 1n, ...portsOf(world), chain });
    expect(report.failed).to.deep.equal([]);
    expect(report.verdict).to.equal("pass");
  });

  it("does not guess a receipt that was settled through another contract", async () => {
    const [first, ...rest] = world.answers;
    const answers = first ? [{ ...first, receipt: undefined }, ...rest] : [];
    const reader = new EthersChainReader(bookOf(), await chainOf({ ...world, answers }));
    expect((await reader.answers(1n)).map(({ receipt }) => receipt !== undefined)).to.deep.equal([false, true, true]);
  });

  it("names the versions there are when asked for another", async () => {
    const reader = new EthersChainReader(bookOf(), await chainOf(world));
    for (const versionId of [0n, 2n]) {
      const error: unknown = await reader.version(versionId).catch((reason: unknown) => reason);
      expect(error).to.include({ code: "VERIFIER_VERSION_UNKNOWN", hint: "versions are 1 to 1" });
    }
  });

  it("knows no operator of a strange key", async () => {
    const reader = new EthersChainReader(bookOf(), await chainOf(world));
    expect(await reader.operatorOfSigner(OTHER)).to.equal(undefined);
  });

  it("asks accounts with code what they accept", async () => {
    const chain = await chainOf(world);
    const reader = new EthersChainReader(bookOf(), chain);
    const ask = (): Promise<boolean> => reader.isValidSignature(OTHER, new Uint8Array(32), new Uint8Array(65));
    expect(await ask()).to.equal(false);
    const abi = new Interface(["function isValidSignature(bytes32, bytes) view returns (bytes4)"]);
    for (const [answer, accepted] of [
      ["0x1626ba7e", true],
      ["0xffffffff", false],
    ] as const) {
      chain.addContract(OTHER, { abi, functions: { isValidSignature: () => [answer] } });
      expect(await ask()).to.equal(accepted);
    }
  });

  it("says when the chain is out of reach, which is no verdict", async () => {
    const chain = await chainOf(world);
    chain._perform = () => Promise.reject(new TypeError("fetch failed"));
    const error: unknown = await new EthersChainReader(bookOf(), chain).version(1n).catch((reason: unknown) => reason);
    expect(error).to.include({ kind: "network", code: "CHAIN_CALL_FAILED" });
  });
});
