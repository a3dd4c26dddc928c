import { setTimeout as sleep } from "node:timers/promises";

import { Contract, ZeroAddress, type BaseContract, type Signer } from "ethers";
import { network } from "hardhat";

import { contractInterface } from "../../src/chain/abi.ts";
import { CONTRACT_SOURCES, type ContractName } from "../../src/chain/contract-names.ts";
import type { Contracts } from "../../src/chain/contracts.ts";
import type { RawProvider } from "../../src/chain/read.ts";
import { TxSender } from "../../src/chain/tx-sender.ts";
import { delegateStake } from "../../src/staking/deposits.ts";
import { registerOperator } from "../../src/staking/operators.ts";
import { joinService } from "../../src/staking/participation.ts";

const WAD = 10n ** 18n;
const DELAY_SECONDS = 7 * 24 * 3600;
const EPOCH_SECONDS = 3600;
const DRIP_EPOCHS = 168;

/** Terms of the storage deployment under test. */
export const STORAGE_TERMS = {
  pricePerLeafEpochWei: 1_000_000_000n,
  coveragePerLeafWei: 1_000n,
  epochBlocks: 40,
  dealEpochs: 50,
  reportEpochs: 8,
  fillBlocks: 2_000,
  copies: 2,
  fillLeaves: 4,
  challengeLeaves: 6,
  missTolerance: 0,
  bountyBps: 2_000,
  missWad: WAD / 20n,
  slashCapWad: WAD,
  groupId: 0,
  maxObligationSeconds: 24 * 3600,
};

/** A chain in this process with the staking and storage contracts. */
export interface StorageChain {
  readonly provider: RawProvider;
  readonly contracts: Contracts;
  readonly signers: readonly Signer[];
  mine(blocks?: number): Promise<void>;
  /** Mines a block now and then until `condition` holds. */
  mineUntil(condition: () => Promise<boolean>): Promise<void>;
}

/** Deploys the staking and storage contracts on a fresh chain. */
export async function deployStorage(): Promise<StorageChain> {
  const { ethers } = await network.create();
  const signers = await ethers.getSigners();
  const deploy = async (name: string, ...args: unknown[]): Promise<BaseContract> => {
    const contract = await ethers.deployContract(name, args);
    return contract.waitForDeployment();
  };
  const bind = (name: ContractName, address: string): Contract =>
    new Contract(address, contractInterface(CONTRACT_SOURCES[name]), ethers.provider);
  const Token = await deploy("TokenMock");
  const OperatorRegistry = await deploy("OperatorRegistry", DELAY_SECONDS);
  const ServiceRegistry = await deploy("ServiceRegistry", OperatorRegistry, EPOCH_SECONDS, ZeroAddress);
  const StakePool = await deploy("StakePool", Token, OperatorRegistry, ServiceRegistry, DRIP_EPOCHS);
  const BlockSeeds = await deploy("BlockSeeds");
  const Flow = await deploy("Flow", STORAGE_TERMS, BlockSeeds, StakePool);
  const deployed = { Token, OperatorRegistry, ServiceRegistry, StakePool, BlockSeeds, Flow };
  const bound: Partial<Record<ContractName, Contract>> = {};
  for (const [name, contract] of Object.entries(deployed)) {
    bound[name as ContractName] = bind(name as ContractName, await contract.getAddress());
  }
  const read = async (name: ContractName, method: string): Promise<string> =>
    (await bound[name]?.getFunction(method).staticCall()) as string;
  bound.Slasher = bind("Slasher", await read("StakePool", "slasher"));
  bound.RewardStream = bind("RewardStream", await read("StakePool", "rewards"));
  bound.Market = bind("Market", await read("Flow", "market"));
  bound.StorageProofs = bind("StorageProofs", await read("Market", "proofs"));
  const mine = async (blocks = 1): Promise<void> => {
    await ethers.provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
  };
  return {
    provider: ethers.provider as unknown as RawProvider,
    contracts: bound as unknown as Contracts,
    signers: signers as unknown as Signer[],
    mine,
    mineUntil: async (condition) => {
      while (!(await condition())) {
        await mine();
        await sleep(20);
      }
    },
  };
}

/** Registers accounts as operators of the storage service, each with 1,000 tokens of stake at full magnitude. */
export async function joinStorage(chain: StorageChain, signers: readonly Signer[]): Promise<TxSender[]> {
  const { contracts, provider } = chain;
  const serviceId = await contracts.StorageProofs.serviceId();
  const senders = await Promise.all(signers.map((signer) => TxSender.create(signer)));
  for (const sender of senders) {
    await registerOperator(contracts, sender, sender.address, "");
    await sender.send(contracts.Token.mint.populateTransaction(sender.address, 1_000n * WAD));
    await delegateStake(contracts, sender, sender.address, 1_000n * WAD);
    await joinService(contracts, sender, { serviceId, magnitudeWad: WAD });
  }
  await provider.send("evm_increaseTime", [DELAY_SECONDS + 2 * EPOCH_SECONDS]);
  await chain.mine();
  return senders;
}
