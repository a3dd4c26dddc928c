import { Contract, ContractFactory, Wallet, ZeroAddress, type BaseContract } from "ethers";
import { artifacts } from "hardhat";

import { contractInterface } from "../../../src/chain/abi.ts";
import type { AddressBook } from "../../../src/chain/address-book.ts";
import { CONTRACT_NAMES, CONTRACT_SOURCES, type ContractName } from "../../../src/chain/contract-names.ts";
import type { Contracts } from "../../../src/chain/contracts.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { programRoot } from "../../../src/compute/program-file.ts";
import type { Program } from "../../../src/compute/program.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { requestsRoot, voucherDigest } from "../../../src/models/receipt.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import { EthersChainReader } from "../../../src/verifier/ethers-chain-reader.ts";
import type { AnswerRequest } from "../../../src/worker/answer-protocol.ts";
import { setStage, type DisputeStage } from "../disputes/stage.ts";
import { testKey } from "../stub-job.ts";

export const TERMS = {
  bondWei: 1_001n,
  twinWindowSeconds: 3_600,
  noticeSeconds: 3_600,
  priceWei: 50n,
} as const;

const CHAIN_ID = 31337;
const WAD = 10n ** 18n;

/** A stage with the contracts that sell proven answers: "opener" holds the models, "author" answers, a consumer has an escrow for it. */
export interface MarketStage extends DisputeStage {
  /** What anyone can read of keys and answers. */
  readonly reader: EthersChainReader;
  /** Publishes a model as the job registry would after a job's window; nobody trains it. @returns the version */
  publish(program: Program, weights: Uint8Array): Promise<bigint>;
  /** The consumer's request for the `units`-th answer of a version. */
  request(versionId: bigint, input: Uint8Array, units: bigint): AnswerRequest;
}

/** Sets the stage. */
export async function setMarket(inputs: number, classes: number): Promise<MarketStage> {
  const stage = await setStage({ samples: 32, inputs, classes, accounts: 12 });
  const { provider, senders } = stage;
  const bound = stage.contracts as unknown as Record<string, Contract>;
  const { Flow, Token, ModelRegistry, OperatorRegistry } = bound;
  const deploy = async (name: ContractName, ...args: unknown[]): Promise<void> => {
    const { abi, bytecode } = await artifacts.readArtifact(name);
    const factory = new ContractFactory(abi, bytecode, senders.opener.signer);
    const deployed = await (await factory.deploy(...args)).waitForDeployment();
    bound[name] = new Contract(await deployed.getAddress(), contractInterface(CONTRACT_SOURCES[name]), provider);
  };
  await deploy("TwinRegistry", Flow, Token, TERMS.bondWei, TERMS.twinWindowSeconds, 1);
  await deploy("VerifierRegistry", ModelRegistry, bound["TwinRegistry"], TERMS.bondWei, TERMS.noticeSeconds);
  await deploy("Settlement", Token, OperatorRegistry, ModelRegistry, bound["VerifierRegistry"], 3_000, 3_600);
  const { contracts } = stage;
  const consumer = testKey("consumer");
  await fundConsumer(stage, consumer.secretKey);

  const settlement = (await contracts.Settlement.getAddress()) as Hex;
  const request = (versionId: bigint, input: Uint8Array, units: bigint): AnswerRequest => {
    const voucher = {
      ...{ consumer: consumer.address, provider: senders.author.address as Hex, versionId, priceVersion: 0, units },
      ...{ cumulativeFeeWei: units * TERMS.priceWei, requestsRoot: requestsRoot(inputHash(input)) },
    };
    const digest = voucherDigest({ chainId: CHAIN_ID, verifyingContract: settlement }, voucher);
    return { input, voucher, signature: toHex(signDigest(digest, consumer.secretKey)) };
  };
  return {
    ...stage,
    reader: new EthersChainReader(await bookOf(contracts), provider),
    publish: (program, weights) => publish(stage, program, weights),
    request,
  };
}

/** Gives the consumer coin, tokens, and an escrow for the author. */
async function fundConsumer({ contracts, provider, senders }: DisputeStage, secretKey: Uint8Array): Promise<void> {
  const consumer = await TxSender.create(new Wallet(toHex(secretKey), provider));
  const { Token, Settlement } = contracts;
  await provider.send("hardhat_setBalance", [consumer.address, "0xde0b6b3a7640000"]);
  await consumer.send(Token.mint.populateTransaction(consumer.address, WAD));
  await consumer.send(Token.approve.populateTransaction(await Settlement.getAddress(), WAD));
  await consumer.send(Settlement.deposit.populateTransaction(senders.author.address, WAD));
}

async function publish(stage: DisputeStage, program: Program, weights: Uint8Array): Promise<bigint> {
  const { contracts, senders, provider, datasetId } = stage;
  const { JobRegistry, ModelRegistry, Settlement } = contracts;
  const jobId = await stage.openJob(program, 1);
  const { params } = await JobRegistry.job(jobId);
  const [weightsSubmission = 0] = await stage.submit(senders.opener, [weights]);
  const other = programRoot(program);
  const { to, data } = await ModelRegistry.publishVersion.populateTransaction({
    ...{
      modelId: params.modelId,
      jobId,
      weightsRoot: fileRoot(weights),
      weightsSubmission,
      programRoot: other,
      datasetId,
    },
    ...{ traceRoot: other, allocationRoot: other, accountsRoot: other, accountCount: 1n, shareSupply: 1n },
  });
  const jobs = await JobRegistry.getAddress();
  await provider.send("hardhat_impersonateAccount", [jobs]);
  await provider.send("hardhat_setBalance", [jobs, "0xde0b6b3a7640000"]);
  await provider.send("eth_sendTransaction", [{ from: jobs, to, data }]);
  const versionId = await ModelRegistry.versionCount();
  await senders.author.send(Settlement.setPrice.populateTransaction(versionId, TERMS.priceWei));
  return versionId;
}

async function bookOf(contracts: Contracts): Promise<AddressBook> {
  const addresses = await Promise.all(
    CONTRACT_NAMES.map(async (name) => {
      const contract = contracts[name] as BaseContract | undefined;
      return [name, contract === undefined ? ZeroAddress : await contract.getAddress()] as const;
    }),
  );
  const known = Object.fromEntries(addresses) as Record<ContractName, string>;
  return { chainId: CHAIN_ID, startBlock: 0, deployedAt: "", contracts: known };
}
