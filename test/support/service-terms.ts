import { toHex } from "../../src/core/bytes.ts";
import type { ServiceTerms } from "../../src/staking/service-home.ts";
import type { Vote } from "../../src/staking/vote.ts";

/** Terms of a service that is on no chain: an epoch is 100 s, the delay 1,000 s. */
export const TERMS: ServiceTerms = {
  serviceId: 3,
  domain: { chainId: 31337, verifyingContract: `0x${"5e".repeat(20)}` },
  epochSeconds: 100n,
  delaySeconds: 1_000n,
  seats: 4,
};

/** A time in epoch 20, in which epochs from 11 on are open. */
export const NOW = 2_050n;

/** A vote for `payload` repeated 32 times. */
export function voteFor(payload: number, position: Partial<Vote> = {}): Vote {
  const fixed = { serviceId: TERMS.serviceId, epoch: 20n, slot: 7n, round: 0, voteType: 2 };
  return { ...fixed, payload: toHex(new Uint8Array(32).fill(payload)), ...position };
}
