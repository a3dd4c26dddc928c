import { bls12_381 } from "@noble/curves/bls12-381.js";
import { Contract, type Signer, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { contractInterface } from "../../src/chain/abi.ts";
import { CONTRACT_SOURCES, type ContractName } from "../../src/chain/contract-names.ts";
import { connectServiceInbox, type Contracts, type ServiceInbox } from "../../src/chain/contracts.ts";
import { eventOf } from "../../src/chain/events.ts";
import { chainTime, type RawProvider } from "../../src/chain/read.ts";
import { TxSender } from "../../src/chain/tx-sender.ts";
import { type Hex, toHex } from "../../src/core/bytes.ts";
import { blsKeyFromSeed, signVote } from "../../src/crypto/bls.ts";
import type { Certificate } from "../../src/staking/certificate.ts";
import { delegateStake } from "../../src/staking/deposits.ts";
import { blsKeyTransaction } from "../../src/staking/operators.ts";
import { epochAt, openService, type ServiceHome } from "../../src/staking/service-home.ts";
import type { HistoricTable } from "../../src/staking/table-history.ts";
import { type Vote, voteDigest } from "../../src/staking/vote.ts";

const WAD = 10n ** 18n;
export const DELAY_SECONDS = 7 * 24 * 3600;
export const EPOCH_SECONDS = 3600;
const DRIP_EPOCHS = 168;
/** How long inboxes believe a set. */
export const MAX_AGE_SECONDS = 5 * 24 * 3600;
/** What equivocation takes of a magnitude. */
const EQUIVOCATION_WAD = WAD / 10n;

/** An operator of the tests with its keys. */
export interface TestValidator {
  readonly operator: Hex;
  readonly sender: TxSender;
  readonly secretKey: Uint8Array;
}

/** A home chain in this process with one service, whose operators have BLS keys and hold its first seats. */
export interface QuorumChain {
  readonly provider: RawProvider;
  readonly home: ServiceHome;
  readonly signers: readonly Signer[];
  readonly validators: readonly TestValidator[];
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
  /** The present epoch. */
  epoch(): Promise<bigint>;
}

/** Starts a home chain. @param count operators, at most 16; each one's stake is 1,000 tokens, all of it at risk */
export async function startQuorumChain(count: number, seats = count): Promise<QuorumChain> {
  const { ethers } = await network.create();
  const provider = ethers.provider as unknown as RawProvider;
  const signers = (await ethers.getSigners()) as unknown as Signer[];
  const deploy = async (name: string, ...args: unknown[]): Promise<string> => {
    const contract = await ethers.deployContract(name, args);
    return contract.getAddress();
  };
  const Token = await deploy("TokenMock");
  const OperatorRegistry = await deploy("OperatorRegistry", DELAY_SECONDS);
  const ServiceRegistry = await deploy("ServiceRegistry", OperatorRegistry, EPOCH_SECONDS, ZeroAddress);
  const StakePool = await deploy("StakePool", Token, OperatorRegistry, ServiceRegistry, DRIP_EPOCHS);
  const bind = (name: ContractName, address: string): Contract =>
    new Contract(address, contractInterface(CONTRACT_SOURCES[name]), provider);
  const pool = bind("StakePool", StakePool);
  const contracts = {
    Token: bind("Token", Token),
    OperatorRegistry: bind("OperatorRegistry", OperatorRegistry),
    ServiceRegistry: bind("ServiceRegistry", ServiceRegistry),
    StakePool: pool,
    Slasher: bind("Slasher", (await pool.getFunction("slasher").staticCall()) as string),
  } as unknown as Contracts;
  const quorum = await deploy("QuorumVerifier", ServiceRegistry);
  const evidenceVerifier = await deploy("EquivocationVerifier", quorum, EQUIVOCATION_WAD);

  const owner = await TxSender.create(signers[0]!);
  const receipt = await owner.send(
    contracts.ServiceRegistry.createService.populateTransaction({
      groupId: 0,
      evidenceVerifier,
      maxObligationSeconds: DELAY_SECONDS,
      seats,
      obligor: ZeroAddress,
      slashCapWad: WAD,
      sink: ZeroAddress,
    }),
  );
  const { serviceId } = eventOf(receipt, contracts.ServiceRegistry, "ServiceCreated");
  const home = await openService(contracts, Number(serviceId));
  const pass = async (seconds: number): Promise<void> => {
    await provider.send("evm_increaseTime", [seconds]);
    await provider.send("evm_mine", []);
  };
  const validators: TestValidator[] = [];
  for (const signer of signers.slice(1, count + 1)) {
    const validator = await newValidator(signer);
    await enterValidator(home, validator);
    await joinSeat(home, validator, validators.length);
    validators.push(validator);
  }
  await pass(DELAY_SECONDS + 2 * EPOCH_SECONDS);
  return { provider, home, signers, validators, pass, epoch: async () => epochAt(home, await chainTime(provider)) };
}

/** An account with a BLS key of its own. */
export async function newValidator(signer: Signer): Promise<TestValidator> {
  const sender = await TxSender.create(signer);
  const secretKey = blsKeyFromSeed(Buffer.from(sender.address.padEnd(64, "-")));
  return { operator: sender.address as Hex, sender, secretKey };
}

/** Registers an operator with its key and 1,000 tokens of its own. */
export async function enterValidator(
  { contracts }: Pick<ServiceHome, "contracts">,
  { operator, sender, secretKey }: TestValidator,
  endpoint = "",
): Promise<void> {
  const amountWei = 1_000n * WAD;
  await sender.send(contracts.OperatorRegistry.register.populateTransaction(operator, endpoint));
  await sender.send(blsKeyTransaction(contracts, operator, secretKey));
  await sender.send(contracts.Token.mint.populateTransaction(operator, amountWei));
  await delegateStake(contracts, sender, operator, amountWei);
}

/** Puts all of an operator's stake at risk for the service, and takes a seat. */
export async function joinSeat(home: ServiceHome, { sender }: TestValidator, seat: number): Promise<void> {
  const { ServiceRegistry } = home.contracts;
  const { groupId } = await ServiceRegistry.service(home.serviceId);
  await sender.send(ServiceRegistry.setMagnitude.populateTransaction(groupId, WAD));
  await sender.send(ServiceRegistry.joinSeat.populateTransaction(home.serviceId, seat));
}

/** A second chain in this process with an inbox that begins with a home table. */
export interface ServiceChain {
  readonly provider: RawProvider;
  readonly inbox: ServiceInbox;
  readonly sender: TxSender;
  pass(seconds: number): Promise<void>;
  deploy(name: string, ...args: unknown[]): Promise<Contract>;
}

/** Starts the service's chain, at the home chain's time. */
export async function startServiceChain(home: ServiceHome, genesis: HistoricTable, now: bigint): Promise<ServiceChain> {
  const { ethers } = await network.create();
  const provider = ethers.provider as unknown as RawProvider;
  const [signer] = (await ethers.getSigners()) as unknown as Signer[];
  await provider.send("evm_setNextBlockTimestamp", [Number(now) + 1]);
  const contract = await ethers.deployContract("ServiceInbox", inboxArguments(home, genesis));
  return {
    provider,
    inbox: connectServiceInbox(await contract.getAddress(), provider),
    sender: await TxSender.create(signer!),
    deploy: async (name, ...args) => await ethers.deployContract(name, args),
    pass: async (seconds) => {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
  };
}

/** What an inbox of a service is created with. */
function inboxArguments(home: ServiceHome, { epoch, table }: HistoricTable): unknown[] {
  const { domain, serviceId, epochSeconds } = home;
  return [domain.chainId, domain.verifyingContract, serviceId, epochSeconds, MAX_AGE_SECONDS, epoch, toHex(table)];
}

/** A certificate of a table on a vote, by all of its validators that are among the signers. */
export function certify(
  home: ServiceHome,
  { validators }: HistoricTable,
  vote: Vote,
  signers: readonly TestValidator[],
): Certificate {
  const digest = voteDigest(home.domain, vote);
  const keys = new Map(signers.map(({ operator, secretKey }) => [operator.toLowerCase(), secretKey]));
  let sum = 0n;
  let absentees = 0n;
  validators.forEach(({ operator }, row) => {
    const secretKey = keys.get(operator.toLowerCase());
    if (secretKey) sum += BigInt(toHex(secretKey));
    else absentees |= 1n << BigInt(row);
  });
  // What the sum of keys signs is the sum of what the keys sign.
  const { Fr } = bls12_381.fields;
  return { signature: signVote(digest, Fr.toBytes(Fr.create(sum))), absentees };
}

/** A certificate as contracts take it. */
export function certificateArgument({ signature, absentees }: Certificate) {
  return { signature: toHex(signature), absentees };
}

/** Waits until something holds. With a provider, blocks come meanwhile. */
export async function until(holds: () => Promise<boolean>, provider?: RawProvider): Promise<void> {
  for (let asked = 0; asked < 400; asked++) {
    if (await holds()) return;
    await provider?.send("evm_mine", []);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  throw new Error("what was waited for did not come");
}
