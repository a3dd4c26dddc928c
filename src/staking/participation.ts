import { type ContractTransaction, ZeroAddress } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { findEvents, type History } from "../chain/event-search.ts";
import { eventOf } from "../chain/events.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { ensureInput } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";

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

const WAD = 10n ** 18n;
/** Half of the stake, for a group that has no magnitude yet. */
const FIRST_MAGNITUDE_WAD = WAD / 2n;

/**
 * What is still to be announced so that an operator's stake secures a service: the magnitude of the service's group, then membership.
 * Both take effect after the registry's delay and one epoch. Empty if all of it was announced before.
 * @throws GlassboxError `STAKING_SEAT_INVALID`, `STAKING_SEAT_HELD`.
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
  const isPlace = seat === undefined ? isMember || seats === 0n : seat < seats;
  ensureInput(isPlace, "STAKING_SEAT_INVALID", `service ${serviceId} has ${seats === 0n ? "no" : `${seats}`} seats`, {
    hint: seats === 0n ? "join it without a seat" : `name a seat from 0 to ${seats - 1n}`,
  });
  const wantedWad = magnitudeWad ?? (announcedWad === 0n ? FIRST_MAGNITUDE_WAD : announcedWad);
  if (seat !== undefined && !isMember) await ensureHeavier(contracts, operator, { serviceId, seat, wantedWad });
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

/** A seat goes to more stake. Asked before the magnitude is announced: that could not be changed for the delay. */
async function ensureHeavier(
  { ServiceRegistry, StakePool }: Contracts,
  operator: string,
  { serviceId, seat, wantedWad }: { serviceId: bigint; seat: number; wantedWad: bigint },
): Promise<void> {
  const holder = await readChain(ServiceRegistry.seatAt(serviceId, seat, END_OF_TIME));
  if (holder === ZeroAddress || sameAddress(holder, operator)) return;
  const [heldWeight, shares] = await readChain(
    Promise.all([ServiceRegistry.standingWeight(serviceId, holder), StakePool.liveSharesAt(operator, END_OF_TIME)]),
  );
  const weight = (shares * wantedWad) / WAD;
  const message = `seat ${seat} of service ${serviceId} is held by ${holder} with a weight of ${heldWeight}, against ${weight}`;
  ensureInput(weight > heldWeight, "STAKING_SEAT_HELD", message, {
    hint: "take another seat, or put more stake at risk in the service's group",
  });
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
