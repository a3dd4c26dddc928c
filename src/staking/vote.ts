import { AbiCoder, keccak256 } from "ethers";

import type { Hex } from "../core/bytes.ts";
import { type Eip712Domain, type Eip712Message, eip712Type, typedDataDigest } from "../crypto/eip712.ts";

/** What an operator signs in a service's name; contracts/libraries/VoteLib.sol. */
export const VOTE_TYPE = eip712Type("Vote", {
  serviceId: "uint32",
  epoch: "uint64",
  slot: "uint64",
  round: "uint32",
  voteType: "uint8",
  payload: "bytes32",
});
/** One operator's word: the payload it chooses for a position. */
export type Vote = Eip712Message<typeof VOTE_TYPE.members>;
/** The same struct as the ABI names it. */
export const VOTE_TUPLE = `tuple(${Object.entries(VOTE_TYPE.members)
  .map(([name, type]) => `${type} ${name}`)
  .join(",")})`;
/** What is voted on. Two payloads for one position are a conflict. */
export type VotePosition = Omit<Vote, "payload">;

/** Types every service has; from 2 on they are its own. */
export const VOTE_TYPES = { header: 0, earnings: 1 } as const;

/**
 * The 32 bytes that are signed for a vote.
 * @param home chain id and `ServiceRegistry` of the home chain, whichever chain the vote is used on
 */
export function voteDigest(home: Eip712Domain, vote: Vote): Uint8Array {
  return typedDataDigest(home, VOTE_TYPE, vote);
}

/** Names a position: the key of every offence at it. */
export function positionHash({ serviceId, epoch, slot, round, voteType }: VotePosition): Hex {
  return hashOf(["uint32", "uint64", "uint64", "uint32", "uint8"], [serviceId, epoch, slot, round, voteType]);
}

/** The vote of `signersEpoch` for the table of `newEpoch`. */
export function headerVote(serviceId: number, signersEpoch: bigint, newEpoch: bigint, tableHash: Hex): Vote {
  return {
    serviceId,
    epoch: signersEpoch,
    slot: newEpoch,
    round: 0,
    voteType: VOTE_TYPES.header,
    payload: hashOf(["uint64", "bytes32"], [newEpoch, tableHash]),
  };
}

function hashOf(types: readonly string[], values: readonly unknown[]): Hex {
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values)) as Hex;
}
