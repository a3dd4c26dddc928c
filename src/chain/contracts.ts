import { Contract, type ContractRunner } from "ethers";

import type {
  BlockSeeds,
  DatasetRegistry,
  EquivocationVerifier,
  Flow,
  JobRegistry,
  Market,
  ModelRegistry,
  ModelShares,
  OperatorRegistry,
  QuorumVerifier,
  RewardStream,
  ServiceEarnings,
  ServiceRegistry,
  Settlement,
  Slasher,
  StakePool,
  StorageProofs,
  TokenMock,
  VerifierRegistry,
} from "../../generated/typechain/index.js";
import { contractInterface } from "./abi.ts";
import type { AddressBook } from "./address-book.ts";
import { CONTRACT_SOURCES, type ContractName } from "./contract-names.ts";

/** The typed contracts of one deployment. */
export interface Contracts {
  readonly Token: TokenMock;
  readonly OperatorRegistry: OperatorRegistry;
  readonly ServiceRegistry: ServiceRegistry;
  readonly StakePool: StakePool;
  readonly Slasher: Slasher;
  readonly RewardStream: RewardStream;
  readonly QuorumVerifier: QuorumVerifier;
  readonly EquivocationVerifier: EquivocationVerifier;
  readonly ServiceEarnings: ServiceEarnings;
  readonly BlockSeeds: BlockSeeds;
  readonly Flow: Flow;
  readonly Market: Market;
  readonly StorageProofs: StorageProofs;
  readonly DatasetRegistry: DatasetRegistry;
  readonly JobRegistry: JobRegistry;
  readonly ModelRegistry: ModelRegistry;
  readonly VerifierRegistry: VerifierRegistry;
  readonly Settlement: Settlement;
}

/** Binds every contract of the address book to a provider (reading) or a signer (writing). */
export function connectContracts(book: AddressBook, runner: ContractRunner): Contracts {
  const entries = Object.entries(CONTRACT_SOURCES).map(([name, source]) => [
    name,
    new Contract(book.contracts[name as ContractName], contractInterface(source), runner),
  ]);
  return Object.fromEntries(entries) as Contracts;
}

/** Binds the share token of one model version. */
export function connectShares(address: string, runner: ContractRunner): ModelShares {
  return new Contract(address, contractInterface("models/ModelShares"), runner) as unknown as ModelShares;
}
