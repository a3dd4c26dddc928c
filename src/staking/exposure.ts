import type { Contracts } from "../chain/contracts.ts";
import { findEvents, type History } from "../chain/event-search.ts";
import { readChain } from "../chain/read.ts";
import { GlassboxError } from "../core/errors.ts";
import { END_OF_TIME } from "./participation.ts";

/** A join or a leave, with the second from which it holds. */
export interface MembershipChange {
  readonly isMember: boolean;
  readonly effectAt: bigint;
}

/** What the chain's history tells of an operator in a service. */
export interface ServiceHistory {
  /** The operator's own joins and leaves, in order. */
  readonly changes: readonly MembershipChange[];
  /** The end of the last term in jail, 0 if there was none. */
  readonly jailedUntil: bigint;
}

/** What one service can do to an operator's stake, and on whose word. */
export interface ServiceExposure {
  readonly serviceId: bigint;
  readonly groupId: bigint;
  /** Whether an offence now would count. */
  readonly isMember: boolean;
  /** Whether new obligations may be laid on the operator. */
  readonly isObligable: boolean;
  /** What is announced, in order: joins, leaves, and the loss of the seat to an operator with more stake. */
  readonly membershipChanges: readonly MembershipChange[];
  /** The seat held now, or else the one announced; undefined without one, as for a member that was displaced. */
  readonly seat: bigint | undefined;
  /** The first second after the present term in the service's jail. */
  readonly jailedUntil: bigint | undefined;
  /** The share of the stake, of `totalWad`, that the group can lose. */
  readonly magnitudeWad: bigint;
  readonly magnitudeChange: { readonly magnitudeWad: bigint; readonly effectAt: bigint } | undefined;
  readonly totalWad: bigint;
  /** All that the service's verdicts could take from the stake, its delegators' and what is leaving included; 0 for no member. */
  readonly atRiskWei: bigint;
  /** The most that the verdicts of one epoch take from the magnitude; 1e18 is no cap. */
  readonly slashCapWad: bigint;
  /** The contract that judges. */
  readonly verifier: string;
  /** The account that reserves stake for obligations, or the zero address. */
  readonly obligor: string;
  readonly maxObligationSeconds: bigint;
  /** Where slashed stake goes; the zero address burns it. */
  readonly sink: string;
  readonly reservedWei: bigint;
  readonly availableWei: bigint;
}

/** The services that an operator has ever joined. */
export async function servicesOf(
  { ServiceRegistry }: Contracts,
  history: History,
  operator: string,
): Promise<Map<bigint, ServiceHistory>> {
  const joins = await findEvents(ServiceRegistry, history, "Joined", [null, operator]);
  const leaves = await findEvents(ServiceRegistry, history, "Quit", [null, operator]);
  const terms = await findEvents(ServiceRegistry, history, "Jailed", [null, operator]);
  const services = [...joins, ...leaves].map(({ serviceId }) => serviceId);
  return new Map(
    services.map((serviceId) => {
      const isHere = (event: { readonly serviceId: bigint }): boolean => event.serviceId === serviceId;
      const changes = [
        ...joins.filter(isHere).map(({ effectAt }) => ({ isMember: true, effectAt })),
        ...leaves.filter(isHere).map(({ effectAt }) => ({ isMember: false, effectAt })),
      ];
      changes.sort((a, b) => Number(a.effectAt - b.effectAt));
      const jailedUntil = terms.filter(isHere).reduce((last, { until }) => (until > last ? until : last), 0n);
      return [serviceId, { changes, jailedUntil }];
    }),
  );
}

/**
 * Reads what a service can do to an operator.
 * @param past what `servicesOf` says of the service; undefined if the operator never joined it.
 * @param now the chain's time, in seconds.
 */
export async function readExposure(
  contracts: Contracts,
  operator: string,
  serviceId: bigint,
  past: ServiceHistory | undefined,
  now: bigint,
): Promise<ServiceExposure> {
  const { ServiceRegistry, StakePool } = contracts;
  const params = await readChain(ServiceRegistry.service(serviceId));
  const { groupId, evidenceVerifier: verifier, obligor, slashCapWad, maxObligationSeconds, sink } = params;
  const [isMember, isObligable, isJailed, magnitudeWad, [pendingWad, pendingAt], totalWad] = await readChain(
    Promise.all([
      ServiceRegistry.isMemberAt(serviceId, operator, now),
      ServiceRegistry.isObligable(serviceId, operator),
      ServiceRegistry.isJailedAt(serviceId, operator, now),
      ServiceRegistry.magnitudeAt(groupId, operator, now),
      ServiceRegistry.pendingMagnitude(groupId, operator),
      ServiceRegistry.totalMagnitude(operator),
    ]),
  );
  const [slashableWei, reservedWei, availableWei] = await readChain(
    Promise.all([
      StakePool.slashableOf(operator),
      StakePool.reservedWei(serviceId, operator),
      StakePool.availableWei(serviceId, operator),
    ]),
  );
  const membershipChanges = await announcedChanges(contracts, operator, serviceId, past, now);
  const seatAt = isMember ? now : membershipChanges.find((change) => change.isMember)?.effectAt;
  const hasSeat = params.seats > 0n && seatAt !== undefined;
  return {
    ...{ serviceId, groupId, isMember, isObligable, membershipChanges },
    seat: hasSeat ? await seatOf(contracts, operator, serviceId, seatAt) : undefined,
    jailedUntil: isJailed ? past?.jailedUntil : undefined,
    ...{ magnitudeWad, totalWad },
    magnitudeChange: pendingAt === 0n ? undefined : { magnitudeWad: pendingWad, effectAt: pendingAt },
    atRiskWei: isMember && totalWad > 0n ? (slashableWei * magnitudeWad) / totalWad : 0n,
    ...{ slashCapWad, verifier, obligor, maxObligationSeconds, sink, reservedWei, availableWei },
  };
}

/** Undefined for a member that was displaced and only answers for its last votes still. */
async function seatOf(
  { ServiceRegistry }: Contracts,
  operator: string,
  serviceId: bigint,
  t: bigint,
): Promise<bigint | undefined> {
  try {
    return await readChain(ServiceRegistry.seatOf(serviceId, operator, t));
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.details["error"] !== "ServiceRegistryNoSeat") throw error;
    return undefined;
  }
}

/** What the operator has announced, and what another operator's claim to its seat will do. */
async function announcedChanges(
  { ServiceRegistry }: Contracts,
  operator: string,
  serviceId: bigint,
  past: ServiceHistory | undefined,
  now: bigint,
): Promise<MembershipChange[]> {
  const isMemberAt = (t: bigint): Promise<boolean> => readChain(ServiceRegistry.isMemberAt(serviceId, operator, t));
  const own: MembershipChange[] = [];
  for (const change of past?.changes ?? [])
    if (change.effectAt > now && (await isMemberAt(change.effectAt)) === change.isMember) own.push(change);
  const from = own.at(-1)?.effectAt ?? now;
  if (!(await isMemberAt(from)) || (await isMemberAt(END_OF_TIME))) return own;
  const notice = await readChain(Promise.all([ServiceRegistry.delaySeconds(), ServiceRegistry.epochSeconds()]));
  // Displaced: a member at `low`, none any more at `high`.
  let [low, high] = [from, now + 2n * notice[0] + notice[1] + 2n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (await isMemberAt(middle)) low = middle;
    else high = middle;
  }
  return [...own, { isMember: false, effectAt: high }];
}
