import type { Contracts } from "../chain/contracts.ts";
import { eventOf } from "../chain/events.ts";
import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";

/** The index of a pool that was never slashed. */
const INDEX_ONE = 10n ** 27n;

/**
 * Registers the sender as an operator.
 * @param signer address of the key its workers sign with, unique for ever
 * @param endpoint base URL of its worker, may be empty
 */
export async function registerOperator(
  contracts: Contracts,
  sender: TxSender,
  signer: string,
  endpoint: string,
): Promise<void> {
  await sender.send(contracts.OperatorRegistry.register.populateTransaction(signer, endpoint));
}

/**
 * Announces that the sender's stake secures a service: the exposure of the service's group, then membership.
 * Both take effect after the registry's delay and one epoch.
 * @param magnitudeWad share of the stake that this group can lose, 1e18 is all of it
 * @returns when it takes effect, in seconds
 */
export async function joinService(
  contracts: Contracts,
  sender: TxSender,
  serviceId: bigint,
  magnitudeWad: bigint,
): Promise<bigint> {
  const { ServiceRegistry } = contracts;
  const { groupId } = await readChain(ServiceRegistry.service(serviceId));
  await sender.send(ServiceRegistry.setMagnitude.populateTransaction(groupId, magnitudeWad));
  const receipt = await sender.send(ServiceRegistry.join.populateTransaction(serviceId));
  return eventOf(receipt, ServiceRegistry, "Joined").effectAt;
}

/** Delegates `amountWei` of the deployment's token from the sender to an operator. */
export async function delegateStake(
  contracts: Contracts,
  sender: TxSender,
  operator: string,
  amountWei: bigint,
): Promise<void> {
  const pool = await contracts.StakePool.getAddress();
  await sender.send(contracts.Token.approve.populateTransaction(pool, amountWei));
  await sender.send(contracts.StakePool.deposit.populateTransaction(operator, amountWei, 0n));
}

/** What shares of an operator's current generation are worth now, rounded down. */
export async function stakeValueWei(contracts: Contracts, operator: string, shares: bigint): Promise<bigint> {
  const generation = await readChain(contracts.StakePool.generationOf(operator));
  const block = await contracts.StakePool.runner?.provider?.getBlock("latest");
  const index = await readChain(contracts.StakePool.indexAt(operator, generation, block?.timestamp ?? 0));
  return (shares * index) / INDEX_ONE;
}
