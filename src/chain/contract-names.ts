/** Every contract of a deployment, with the source file that its artifact is named after. */
export const CONTRACT_SOURCES = {
  Token: "mocks/TokenMock",
  OperatorRegistry: "staking/OperatorRegistry",
  ServiceRegistry: "staking/ServiceRegistry",
  StakePool: "staking/StakePool",
  Slasher: "staking/Slasher",
  RewardStream: "staking/RewardStream",
  QuorumVerifier: "staking/QuorumVerifier",
  EquivocationVerifier: "staking/EquivocationVerifier",
  ServiceEarnings: "staking/ServiceEarnings",
  BlockSeeds: "storage/BlockSeeds",
  Flow: "storage/Flow",
  Market: "storage/Market",
  StorageProofs: "storage/StorageProofs",
  DatasetRegistry: "models/DatasetRegistry",
  ProgramRegistry: "compute/ProgramRegistry",
  OneStepVerifier: "compute/OneStepVerifier",
  DisputeGame: "compute/DisputeGame",
  AuditDesk: "compute/AuditDesk",
  JobRegistry: "compute/JobRegistry",
  ModelRegistry: "models/ModelRegistry",
  TwinRegistry: "proofs/TwinRegistry",
  VerifierRegistry: "proofs/VerifierRegistry",
  Settlement: "models/Settlement",
} as const;

/** The name of a contract in an address book. */
export type ContractName = keyof typeof CONTRACT_SOURCES;

/** The names in deployment order. */
export const CONTRACT_NAMES = Object.keys(CONTRACT_SOURCES) as [ContractName, ...ContractName[]];
