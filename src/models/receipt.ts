import { z } from "zod";

import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import { hexSchema, problemsOf, uintSchema } from "../core/schemas.ts";
import { type Eip712Domain, typedDataDigest } from "../crypto/eip712.ts";
import { rootList } from "../crypto/file-tree.ts";
import { type Voucher, VOUCHER_TYPE } from "../crypto/messages.ts";

/** A voucher with the answer it pays for and the answer's proof: everything a third party needs to check both. */
export interface Receipt {
  readonly voucher: Voucher;
  /** The consumer's signature over the voucher. */
  readonly signature: Uint8Array;
  readonly circuitId: Hex;
  readonly inputHash: bigint;
  readonly answer: bigint;
  /** A, B, C of the Groth16 proof: eight words in the order of the contract. */
  readonly proof: readonly bigint[];
}

/** A receipt as JSON: integers in decimal, bytes in hex. */
export type ReceiptJson = z.input<typeof receiptSchema>;

const PROOF_WORDS = 8;
const signatureHex = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2}){1,4096}$/)
  .transform((text) => fromHex(text));

const receiptSchema = z.strictObject({
  voucher: z.strictObject({
    consumer: hexSchema(20),
    provider: hexSchema(20),
    versionId: uintSchema(256),
    priceVersion: z.int().min(0).max(0xffff_ffff),
    units: uintSchema(64),
    cumulativeFeeWei: uintSchema(256),
    requestsRoot: hexSchema(32),
  }),
  signature: signatureHex,
  circuitId: hexSchema(32),
  inputHash: uintSchema(256),
  answer: uintSchema(256),
  proof: z.array(uintSchema(256)).length(PROOF_WORDS),
});

/** The requests root of a voucher that pays for one more answer. */
export function requestsRoot(inputHash: bigint): Hex {
  const isWord = inputHash >= 0n && inputHash < 1n << 256n;
  ensureInput(isWord, "MODELS_INPUT_HASH_INVALID", `an input hash has at most 256 bits, got ${inputHash}`);
  return rootList([`0x${inputHash.toString(16).padStart(64, "0")}`]);
}

/** What a consumer signs. */
export function voucherDigest(domain: Eip712Domain, voucher: Voucher): Uint8Array {
  return typedDataDigest(domain, VOUCHER_TYPE, voucher);
}

/** Writes a receipt. */
export function receiptToJson(receipt: Receipt): ReceiptJson {
  const { voucher } = receipt;
  return {
    voucher: {
      ...voucher,
      versionId: voucher.versionId.toString(),
      units: voucher.units.toString(),
      cumulativeFeeWei: voucher.cumulativeFeeWei.toString(),
    },
    signature: toHex(receipt.signature),
    circuitId: receipt.circuitId,
    inputHash: receipt.inputHash.toString(),
    answer: receipt.answer.toString(),
    proof: receipt.proof.map(String),
  };
}

/**
 * Reads a receipt that comes from a file or a stranger.
 * @throws GlassboxError `MODELS_RECEIPT_INVALID`.
 */
export function parseReceipt(value: unknown): Receipt {
  const parsed = receiptSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GlassboxError("usage", "MODELS_RECEIPT_INVALID", "not a receipt", {
    details: { problems: problemsOf(parsed.error) },
  });
}
