import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Contract, ContractFactory, toQuantity, Wallet } from "ethers";

import { contractBytecode, contractInterface } from "../../src/chain/abi.ts";
import { chainTime } from "../../src/chain/read.ts";
import { type LocalChain, startLocalChain } from "../../src/cli/network/local-chain.ts";
import { toHex } from "../../src/core/bytes.ts";
import { derivedDevelopmentKey, developmentKey } from "../../src/crypto/development-keys.ts";
import { ANVIL } from "./anvil.ts";
import { type Deployment, startDeployment } from "./deployment.ts";
import { newValidator, type TestValidator } from "./quorum-chain.ts";

const ETHER = 10n ** 18n;

/** A home chain with a whole deployment, and another client's chain for a service. */
export interface TwoChains {
  readonly home: Deployment;
  readonly service: LocalChain;
  /** Lets time pass on the home chain, and brings the service's chain to the same time. */
  pass(seconds: number): Promise<void>;
  /** New accounts of the home chain with BLS keys. */
  accounts(count: number): Promise<TestValidator[]>;
  /** Creates a contract on one of the chains. */
  deploy(chain: LocalChain, source: string, ...args: unknown[]): Promise<Contract>;
  stop(): Promise<void>;
}

/** Starts both chains, the service's at the home chain's time. */
export async function startTwoChains(): Promise<TwoChains> {
  const { signal } = new AbortController();
  const home = await startDeployment();
  const logFolder = await mkdtemp(join(tmpdir(), "glassbox-service-chain-"));
  const service = await startLocalChain({ port: undefined, logFolder, client: ANVIL });
  const stop = async (): Promise<void> => {
    await service.stop();
    await home.stop();
    await rm(logFolder, { recursive: true });
  };
  /** Each block of the home chain takes a second of its clock at least, so it runs ahead. */
  const catchUp = async (): Promise<void> => {
    await service.provider.send("evm_setNextBlockTimestamp", [Number(await chainTime(home.chain.provider)) + 2]);
    await service.provider.send("evm_mine", []);
  };
  try {
    await service.ready(signal);
    await catchUp();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    home,
    service,
    pass: async (seconds) => {
      await home.chain.passSeconds(seconds);
      await catchUp();
    },
    accounts: (count) => Promise.all(Array.from({ length: count }, (_, i) => fundedAccount(home.chain, i))),
    deploy: async ({ provider }, source, ...args) => {
      const signer = new Wallet(toHex(developmentKey(31337, 0)), provider);
      const factory = new ContractFactory(contractInterface(source), contractBytecode(source), signer);
      const deployed = await factory.deploy(...args);
      await deployed.waitForDeployment();
      return new Contract(await deployed.getAddress(), contractInterface(source), provider);
    },
    stop,
  };
}

async function fundedAccount({ provider }: LocalChain, index: number): Promise<TestValidator> {
  const wallet = new Wallet(toHex(derivedDevelopmentKey(31337, "two chains", `operator ${index}`)), provider);
  await provider.send("hardhat_setBalance", [wallet.address, toQuantity(10n * ETHER)]);
  return newValidator(wallet);
}
