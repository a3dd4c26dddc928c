import { Contract, type ContractRunner } from "ethers";

import type {
  AuditDesk,
  BlockSeeds,
  DatasetRegistry,
  DisputeGame,
  EquivocationVerifier,
  Flow,
  JobRegistry,
  Market,
  ModelRegistry,
  ModelShares,
  OneStepVerifier,
  OperatorRegistry,
  ProgramRegistry,
  QuorumVerifier,
  RewardStream,
  ServiceEarnings,
  ServiceInbox,
  ServiceRegistry,
  Settlement,
  Slasher,
  StakePool,
  StorageProofs,
  TokenMock,
  TwinRegistry,
  VerifierRegistry,
} from "../../generated/typechain/index.js";
import { contractInterface } from "./abi.ts";
import type { AddressBook } from "./address-book.ts";
import { CONTRACT_SOURCES, type ContractName } from "./contract-names.ts";

export type { EquivocationVerifier, QuorumVerifier, ServiceInbox };

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
  readonly ProgramRegistry: ProgramRegistry;
  readonly OneStepVerifier: OneStepVerifier;
  readonly DisputeGame: DisputeGame;
  readonly AuditDesk: AuditDesk;
  readonly JobRegistry: JobRegistry;
  readonly ModelRegistry: ModelRegistry;
  readonly TwinRegistry: TwinRegistry;
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

/** Binds the judge of a service's contradicting votes. */
export function connectEquivocationVerifier(address: string, runner: ContractRunner | null): EquivocationVerifier {
  return bind(address, "staking/EquivocationVerifier", runner) as unknown as EquivocationVerifier;
}

/** Binds the keeper of validator tables. */
export function connectQuorumVerifier(address: string, runner: ContractRunner | null): QuorumVerifier {
  return bind(address, "staking/QuorumVerifier", runner) as unknown as QuorumVerifier;
}

/** Binds a service's inbox on another chain. */
export function connectServiceInbox(address: string, runner: ContractRunner | null): ServiceInbox {
  return bind(address, "staking/ServiceInbox", runner) as unknown as ServiceInbox;
}

function bind(address: string, source: string, runner: ContractRunner | null): Contract {
  return new Contract(address, contractInterface(source), runner);
}
