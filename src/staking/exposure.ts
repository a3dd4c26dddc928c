import type { Contracts } from "../chain/contracts.ts";
import { findEvents, type History } from "../chain/event-search.ts";
import { readChain } from "../chain/read.ts";
import { END_OF_TIME } from "./operators.ts";

/** What one service can do to an operator's stake, and on whose word. */
export interface ServiceExposure {
  readonly serviceId: bigint;
  readonly groupId: bigint;
  /** Whether an offence now would count. */
  readonly isMember: boolean;
  /** Whether new obligations may be laid on the operator. */
  readonly isObligable: boolean;
  /** An announced join or leave, in seconds of the chain's time. */
  readonly membershipChange: { readonly isMember: boolean; readonly effectAt: bigint } | undefined;
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

/** The services that an operator has ever joined, each with the time of its last announcement. */
export async function servicesOf(
  { ServiceRegistry }: Contracts,
  history: History,
  operator: string,
): Promise<Map<bigint, bigint>> {
  const joins = await findEvents(ServiceRegistry, history, "Joined", [null, operator]);
  const leaves = await findEvents(ServiceRegistry, history, "Quit", [null, operator]);
  const announced = new Map<bigint, bigint>();
  for (const { serviceId, effectAt } of [...joins, ...leaves]) {
    // A change is announced only after the one before has taken effect, so the latest is the largest.
    const known = announced.get(serviceId) ?? 0n;
    announced.set(serviceId, effectAt > known ? effectAt : known);
  }
  return announced;
}

/**
 * Reads what a service can do to an operator.
 * @param announcedAt when the operator's last join or leave takes effect, as `servicesOf` says; 0 if there was none.
 * @param now the chain's time, in seconds.
 */
export async function readExposure(
  { ServiceRegistry, StakePool }: Contracts,
  operator: string,
  { serviceId, announcedAt, now }: { readonly serviceId: bigint; readonly announcedAt: bigint; readonly now: bigint },
): Promise<ServiceExposure> {
  const params = await readChain(ServiceRegistry.service(serviceId));
  const { groupId, evidenceVerifier: verifier, obligor, slashCapWad, maxObligationSeconds, sink } = params;
  const [isMember, willBeMember, isObligable, magnitudeWad, [pendingWad, pendingAt], totalWad] = await readChain(
    Promise.all([
      ServiceRegistry.isMemberAt(serviceId, operator, now),
      ServiceRegistry.isMemberAt(serviceId, operator, END_OF_TIME),
      ServiceRegistry.isObligable(serviceId, operator),
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
  return {
    ...{ serviceId, groupId, isMember, isObligable },
    membershipChange: willBeMember === isMember ? undefined : { isMember: willBeMember, effectAt: announcedAt },
    ...{ magnitudeWad, totalWad },
    magnitudeChange: pendingAt === 0n ? undefined : { magnitudeWad: pendingWad, effectAt: pendingAt },
    atRiskWei: isMember && totalWad > 0n ? (slashableWei * magnitudeWad) / totalWad : 0n,
    ...{ slashCapWad, verifier, obligor, maxObligationSeconds, sink, reservedWei, availableWei },
  };
}
