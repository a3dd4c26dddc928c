import { z } from "zod";

import { fromHex, type Hex } from "../core/bytes.ts";
import { hexSchema, uintSchema } from "../core/schemas.ts";
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../crypto/bls.ts";
import { SIGNATURE_BYTES } from "../crypto/signature.ts";
import type { Certificate } from "../staking/certificate.ts";
import type { SignedVote } from "../staking/vote-book.ts";

/** How votes, certificates and requests for signatures travel over HTTP. */

/** The largest request. */
export const VOTE_BODY_LIMIT = 4_096;

/** A vote as it travels; `POST /v1/signatures` of a signer takes one for the operator's BLS signature. */
export const voteSchema = z.strictObject({
  serviceId: z.int().positive().max(0xffff_ffff),
  epoch: uintSchema(64),
  slot: uintSchema(64),
  round: z.int().nonnegative().max(0xffff_ffff),
  voteType: z.int().nonnegative().max(0xff),
  payload: hexSchema(32),
});

/** A vote with its signature, as `POST /v1/votes` of a watcher takes it. */
export const signedVoteSchema = z
  .discriminatedUnion("scheme", [
    z.strictObject({ scheme: z.literal("secp256k1"), vote: voteSchema, signature: hexSchema(SIGNATURE_BYTES) }),
    z.strictObject({
      scheme: z.literal("bls"),
      vote: voteSchema,
      key: hexSchema(BLS_KEY_BYTES),
      signature: hexSchema(BLS_SIGNATURE_BYTES),
    }),
  ])
  .transform((signed): SignedVote => {
    const { vote, signature } = signed;
    if (signed.scheme === "secp256k1") return { scheme: signed.scheme, vote, signature: fromHex(signature) };
    return { scheme: signed.scheme, vote, key: fromHex(signed.key), signature: fromHex(signature) };
  });

/** A certificate, as `POST /v1/certificates` of a watcher takes it; with a header, also which table it names. */
export const certifiedVoteSchema = z
  .strictObject({
    vote: voteSchema,
    signature: hexSchema(BLS_SIGNATURE_BYTES),
    absentees: uintSchema(256),
    tableHash: hexSchema(32).optional(),
  })
  .transform(({ vote, signature, absentees, tableHash }) => {
    const certificate: Certificate = { signature: fromHex(signature), absentees };
    return { vote, certificate, tableHash };
  });

/** A signer's answer. */
export const signatureSchema = z.strictObject({
  operator: hexSchema(20),
  key: hexSchema(BLS_KEY_BYTES),
  signature: hexSchema(BLS_SIGNATURE_BYTES),
});

/** An operator's signature as it travels. */
export interface VoteSignature {
  readonly operator: Hex;
  readonly key: Hex;
  readonly signature: Hex;
}

/** Writes numbers that JSON can't hold in decimal. */
export function voteToJson<T extends { readonly epoch: bigint; readonly slot: bigint }>(vote: T) {
  return { ...vote, epoch: vote.epoch.toString(), slot: vote.slot.toString() };
}
