import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { base64Schema, hexSchema, problemsOf, uintSchema } from "../core/schemas.ts";

/** Characters of base64 that the longest query takes: 64 KiB. */
export const MAX_QUERY_CHARACTERS = 4 * Math.ceil((64 * 1024) / 3);

/** An answer that its operator signed, with everything that it takes to repeat and to dispute it, but the model's files. */
export interface PublicReceipt {
  readonly chainId: bigint;
  /** The contract that the signature is for. */
  readonly jobRegistry: Hex;
  /** Whose worker answered. */
  readonly operator: Hex;
  readonly programRoot: Hex;
  readonly weightsRoot: Hex;
  readonly query: Uint8Array;
  readonly answer: number;
  /** Of the answer's claim, by the operator's signing key. */
  readonly signature: Hex;
}

/** A receipt as JSON: bytes of the query in base64. */
export type PublicReceiptJson = z.input<typeof publicReceiptSchema>;

/** A receipt as it comes from a file or over HTTP. */
export const publicReceiptSchema = z.strictObject({
  chainId: uintSchema(256),
  jobRegistry: hexSchema(20),
  operator: hexSchema(20),
  programRoot: hexSchema(32),
  weightsRoot: hexSchema(32),
  query: base64Schema(MAX_QUERY_CHARACTERS),
  answer: z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1),
  signature: hexSchema(65),
});

/** Writes a receipt. */
export function publicReceiptToJson(receipt: PublicReceipt): PublicReceiptJson {
  const { chainId, query } = receipt;
  return { ...receipt, chainId: chainId.toString(), query: Buffer.from(query).toString("base64") };
}

/**
 * Reads a receipt that comes from a file or a stranger.
 * @throws GlassboxError `MODELS_RECEIPT_INVALID`.
 */
export function parsePublicReceipt(value: unknown): PublicReceipt {
  const parsed = publicReceiptSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GlassboxError("usage", "MODELS_RECEIPT_INVALID", "not a receipt of a public answer", {
    details: { problems: problemsOf(parsed.error) },
  });
}
