import type { ContractTransaction } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { findEvents, type History } from "../chain/event-search.ts";
import { eventOf } from "../chain/events.ts";
import { chainTime, readChain } from "../chain/read.ts";
import { ensureInput } from "../core/errors.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { type Hex, toHex } from "../core/bytes.ts";
import { blsPublicKey, padBlsKey, provePossession } from "../crypto/bls.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { POSSESSION_TYPE } from "../crypto/messages.ts";
import { depositTransactions } from "./deposits.ts";

/** The largest time of the contracts: whatever is announced holds by then. */
export const END_OF_TIME = 2n ** 48n - 1n;

/** How an operator takes part in a service. */
export interface Participation {
  readonly serviceId: bigint;
  /** Share of the stake that the service's group can lose, 1e18 is all of it; what was announced before if left out. */
  readonly magnitudeWad?: bigint | undefined;
  /** The seat to take, in a service that has seats. */
  readonly seat?: number | undefined;
}

/** Half of the stake, for a group that has no magnitude yet. */
const FIRST_MAGNITUDE_WAD = 10n ** 18n / 2n;

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
 * The transaction by which an operator registers the BLS key of a secret, with the proof that it holds the secret.
 * @param secretKey of BLS12-381, 32 bytes
 * @throws GlassboxError `CRYPTO_BLS_SECRET_KEY_INVALID`.
 */
export async function blsKeyTransaction(
  contracts: Contracts,
  operator: string,
  secretKey: Uint8Array,
): Promise<ContractTransaction> {
  const { OperatorRegistry } = contracts;
  const key = blsPublicKey(secretKey);
  const { chainId, verifyingContract } = await readChain(OperatorRegistry.eip712Domain());
  const domain = { chainId, verifyingContract: verifyingContract as Hex };
  const digest = typedDataDigest(domain, POSSESSION_TYPE, { operator: operator as Hex, key: toHex(key) });
  return OperatorRegistry.setBlsKey.populateTransaction(padBlsKey(key), provePossession(digest, secretKey));
}

/**
 * Registers the BLS key of a secret for the sender, in place of the one it has. A key that was replaced stays slashable, and is never
 * accepted again.
 * @returns the public key, 96 bytes
 * @throws GlassboxError as {@link blsKeyTransaction}, or the registry's error.
 */
export async function registerBlsKey(
  contracts: Contracts,
  sender: TxSender,
  secretKey: Uint8Array,
): Promise<Uint8Array> {
  await sender.send(blsKeyTransaction(contracts, sender.address, secretKey));
  return blsPublicKey(secretKey);
}

/**
 * Sets the part of the rewards of its stake that the sender keeps.
 * @param bps parts of 10,000
 * @returns when it holds from, in seconds: at once for a fall, after the delay for a rise
 */
export async function setCommission(contracts: Contracts, sender: TxSender, bps: number): Promise<bigint> {
  const { OperatorRegistry } = contracts;
  const receipt = await sender.send(OperatorRegistry.setCommission.populateTransaction(bps));
  return eventOf(receipt, OperatorRegistry, "CommissionChanged").effectAt;
}

/**
 * What is still to be announced so that an operator's stake secures a service: the magnitude of the service's group, then membership.
 * Both take effect after the registry's delay and one epoch. Empty if all of it was announced before.
 */
export async function joinTransactions(
  contracts: Contracts,
  operator: string,
  { serviceId, magnitudeWad, seat }: Participation,
): Promise<ContractTransaction[]> {
  const { ServiceRegistry } = contracts;
  const { groupId, seats } = await readChain(ServiceRegistry.service(serviceId));
  const [announcedWad, isMember] = await readChain(
    Promise.all([
      ServiceRegistry.magnitudeAt(groupId, operator, END_OF_TIME),
      ServiceRegistry.isMemberAt(serviceId, operator, END_OF_TIME),
    ]),
  );
  const isPlace = isMember || (seat === undefined ? seats === 0n : seat < seats);
  ensureInput(isPlace, "STAKING_SEAT_INVALID", `service ${serviceId} has ${seats === 0n ? "no" : `${seats}`} seats`, {
    hint: seats === 0n ? "join it without a seat" : `name a seat from 0 to ${seats - 1n}`,
  });
  const wantedWad = magnitudeWad ?? (announcedWad === 0n ? FIRST_MAGNITUDE_WAD : announcedWad);
  const joined = (): Promise<ContractTransaction> =>
    seat === undefined
      ? ServiceRegistry.join.populateTransaction(serviceId)
      : ServiceRegistry.joinSeat.populateTransaction(serviceId, seat);
  // The magnitude first: contests for seats are decided by what is announced.
  return Promise.all([
    ...(wantedWad === announcedWad ? [] : [ServiceRegistry.setMagnitude.populateTransaction(groupId, wantedWad)]),
    ...(isMember ? [] : [joined()]),
  ]);
}

/**
 * What books the decreases that have taken effect, so that what they freed can be given to another group. Empty if there is none.
 */
export async function settleTransactions(
  { ServiceRegistry }: Contracts,
  history: History,
  operator: string,
): Promise<ContractTransaction[]> {
  const announced = await findEvents(ServiceRegistry, history, "MagnitudeSet", [null, operator]);
  const groups = [...new Set(announced.map(({ groupId }) => groupId))];
  let neededWad = 0n;
  for (const groupId of groups) {
    const [presentWad, announcedWad] = await readChain(
      Promise.all([
        ServiceRegistry.magnitudeAt(groupId, operator, await chainTime(history.provider)),
        ServiceRegistry.magnitudeAt(groupId, operator, END_OF_TIME),
      ]),
    );
    neededWad += presentWad > announcedWad ? presentWad : announcedWad;
  }
  const isSettled = (await readChain(ServiceRegistry.committedMagnitude(operator))) === neededWad;
  if (isSettled) return [];
  return Promise.all(groups.map((groupId) => ServiceRegistry.settleMagnitude.populateTransaction(groupId, operator)));
}

/**
 * Lets the sender's stake secure a service that it has not joined yet.
 * @returns when it takes effect, in seconds
 */
export async function joinService(
  contracts: Contracts,
  sender: TxSender,
  participation: Participation,
): Promise<bigint> {
  const receipts = [];
  for (const transaction of await joinTransactions(contracts, sender.address, participation))
    receipts.push(await sender.send(transaction));
  return eventOf(receipts, contracts.ServiceRegistry, "Joined").effectAt;
}

/**
 * What it takes to leave a service: the end of membership, after the delay.
 * @param frees whether the group's magnitude is given up too, for an operator that is in no other service of the group
 */
export async function leaveTransactions(
  { ServiceRegistry }: Contracts,
  serviceId: bigint,
  frees: boolean,
): Promise<ContractTransaction[]> {
  const { groupId } = await readChain(ServiceRegistry.service(serviceId));
  return Promise.all([
    ServiceRegistry.quit.populateTransaction(serviceId),
    ...(frees ? [ServiceRegistry.setMagnitude.populateTransaction(groupId, 0n)] : []),
  ]);
}

/** Delegates `amountWei` of the deployment's token from the sender to an operator. */
export async function delegateStake(
  contracts: Contracts,
  sender: TxSender,
  operator: string,
  amountWei: bigint,
): Promise<void> {
  for (const transaction of await depositTransactions(contracts, { operator, amountWei }))
    await sender.send(transaction);
}
