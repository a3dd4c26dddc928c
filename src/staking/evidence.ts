import { AbiCoder, keccak256 } from "ethers";

import type { Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { aggregateSignatures } from "../crypto/bls.ts";

import { type Vote, VOTE_TUPLE, type VotePosition } from "./vote.ts";

/** Evidence of equivocation in the encoding of contracts/interfaces/staking/IEquivocationVerifier.sol. */

const FORMS = { signerVotes: 0, keyVotes: 1, guiltyRow: 2 } as const;
const coder = AbiCoder.defaultAbiCoder();

/** A payload and its signature, of one position with another. */
export interface SignedPayload {
  readonly payload: Hex;
  readonly signature: Uint8Array;
}

/** What a reporter commits to before showing evidence. */
export interface EvidenceReport {
  readonly serviceId: number;
  readonly evidence: Hex;
  readonly reporter: Hex;
  /** 32 random bytes: without them the commitment could be guessed from evidence that others hold too. */
  readonly salt: Hex;
}

/**
 * Two secp256k1 votes of one operator.
 * @throws GlassboxError `STAKING_NO_CONFLICT` for two votes for the same payload.
 */
export function signerVotesEvidence(position: VotePosition, first: SignedPayload, second: SignedPayload): Hex {
  ensureConflict(first, second);
  return encode(
    FORMS.signerVotes,
    [VOTE_TUPLE, "bytes32", "bytes", "bytes"],
    [voteOf(position, first.payload), second.payload, first.signature, second.signature],
  );
}

/**
 * Two BLS votes by one key.
 * @param key 96 bytes
 * @throws GlassboxError `STAKING_NO_CONFLICT` for two votes for the same payload.
 */
export function keyVotesEvidence(
  position: VotePosition,
  key: Uint8Array,
  first: SignedPayload,
  second: SignedPayload,
): Hex {
  ensureConflict(first, second);
  return encode(
    FORMS.keyVotes,
    [VOTE_TUPLE, "bytes32", "bytes", "bytes"],
    [voteOf(position, first.payload), second.payload, key, aggregateSignatures([first.signature, second.signature])],
  );
}

/** A row of the epoch's table that `recordConflict` or `recordFalseHeader` found guilty. */
export function guiltyRowEvidence({ epoch, slot, round, voteType }: VotePosition, row: number): Hex {
  return encode(
    FORMS.guiltyRow,
    ["uint64", "uint64", "uint32", "uint8", "uint256"],
    [epoch, slot, round, voteType, row],
  );
}

/** The hash that `Slasher.commit` takes. */
export function evidenceCommitment({ serviceId, evidence, reporter, salt }: EvidenceReport): Hex {
  const values = [serviceId, keccak256(evidence), reporter, salt];
  return keccak256(coder.encode(["uint32", "bytes32", "address", "bytes32"], values)) as Hex;
}

function encode(form: number, types: readonly string[], values: readonly unknown[]): Hex {
  return coder.encode(["uint8", "bytes"], [form, coder.encode(types, values)]) as Hex;
}

function voteOf({ serviceId, epoch, slot, round, voteType }: VotePosition, payload: Hex): Vote {
  return { serviceId, epoch, slot, round, voteType, payload };
}

function ensureConflict(first: SignedPayload, second: SignedPayload): void {
  const payload = first.payload.toLowerCase();
  ensureInput(payload !== second.payload.toLowerCase(), "STAKING_NO_CONFLICT", `both votes are for ${payload}`);
}
