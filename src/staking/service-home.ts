import {
  connectEquivocationVerifier,
  connectQuorumVerifier,
  type Contracts,
  type EquivocationVerifier,
  type QuorumVerifier,
} from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { chainError } from "../chain/revert.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import type { Eip712Domain } from "../crypto/eip712.ts";
import type { VotePosition } from "./vote.ts";

/** What never changes of a service: where its votes belong, and how its time runs. */
export interface ServiceTerms {
  readonly serviceId: number;
  /** The domain of all votes. */
  readonly domain: Eip712Domain;
  readonly epochSeconds: bigint;
  /** How long validators answer for what they signed. */
  readonly delaySeconds: bigint;
  /** Rows of its largest table; 0 for a service without tables. */
  readonly seats: number;
}

/** A service on its home chain. */
export interface ServiceHome extends ServiceTerms {
  readonly contracts: Contracts;
  readonly quorum: QuorumVerifier;
  readonly equivocation: EquivocationVerifier;
}

/**
 * Reads a service whose evidence is judged by an `EquivocationVerifier`.
 * @throws GlassboxError `STAKING_OTHER_VERIFIER` if another contract judges it, or what the registry refuses.
 */
export async function openService(contracts: Contracts, serviceId: number): Promise<ServiceHome> {
  const { ServiceRegistry } = contracts;
  const [params, epochSeconds, delaySeconds, registry, network] = await readChain(
    Promise.all([
      ServiceRegistry.service(serviceId),
      ServiceRegistry.epochSeconds(),
      ServiceRegistry.delaySeconds(),
      ServiceRegistry.getAddress(),
      ServiceRegistry.runner?.provider?.getNetwork(),
    ]),
  );
  const { evidenceVerifier } = params;
  const equivocation = connectEquivocationVerifier(evidenceVerifier, ServiceRegistry.runner);
  const [services, quorum] = await judgeOf(equivocation);
  ensureInput(sameAddress(services, registry), "STAKING_OTHER_VERIFIER", otherVerifier(serviceId, evidenceVerifier));
  return {
    contracts,
    serviceId,
    domain: { chainId: network?.chainId ?? 0n, verifyingContract: registry as Hex },
    epochSeconds,
    delaySeconds,
    seats: Number(params.seats),
    quorum: connectQuorumVerifier(quorum, ServiceRegistry.runner),
    equivocation,
  };

  async function judgeOf(verifier: EquivocationVerifier): Promise<[string, string]> {
    try {
      return await Promise.all([verifier.services(), verifier.quorum()]);
    } catch (cause) {
      // Another judge has no such functions; a chain that is gone is told as that.
      const error = chainError(cause);
      const isBadAnswer = cause instanceof Error && "code" in cause && cause.code === "BAD_DATA";
      if (error.kind !== "revert" && !isBadAnswer) throw error;
      const message = otherVerifier(serviceId, evidenceVerifier);
      throw new GlassboxError("usage", "STAKING_OTHER_VERIFIER", message, { cause });
    }
  }
}

/** The epoch of a time in seconds. */
export function epochAt({ epochSeconds }: Pick<ServiceTerms, "epochSeconds">, time: bigint): bigint {
  return time / epochSeconds;
}

/** Whether what was signed in an epoch can't be punished any more. */
export function isClosed({ epochSeconds, delaySeconds }: ServiceTerms, epoch: bigint, now: bigint): boolean {
  return epoch * epochSeconds + delaySeconds < now;
}

/**
 * Refuses a vote that is none of the service's, or of an epoch for which evidence can't be brought.
 * @param now the home chain's time in seconds
 * @throws GlassboxError `STAKING_VOTE_SERVICE`, `STAKING_VOTE_FUTURE`, `STAKING_VOTE_CLOSED`.
 */
export function ensureVoteOpen(terms: ServiceTerms, vote: VotePosition, now: bigint): void {
  const { serviceId } = terms;
  const isOurs = vote.serviceId === serviceId;
  ensureInput(isOurs, "STAKING_VOTE_SERVICE", `a vote of service ${vote.serviceId}, not ${serviceId}`);
  const present = epochAt(terms, now);
  ensureInput(vote.epoch <= present, "STAKING_VOTE_FUTURE", `epoch ${vote.epoch} has not begun, it is ${present}`);
  const isOpen = !isClosed(terms, vote.epoch, now);
  ensureInput(isOpen, "STAKING_VOTE_CLOSED", `epoch ${vote.epoch} is closed for evidence`);
}

/** The first epoch that is not closed. */
export function firstOpenEpoch({ epochSeconds, delaySeconds }: ServiceTerms, now: bigint): bigint {
  const sinceDelay = now > delaySeconds ? now - delaySeconds : 0n;
  return (sinceDelay + epochSeconds - 1n) / epochSeconds;
}

function otherVerifier(serviceId: number, verifier: string): string {
  return `evidence about service ${serviceId} is judged by ${verifier}, which is no equivocation verifier of this deployment`;
}
