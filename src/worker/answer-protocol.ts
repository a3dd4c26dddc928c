import { z } from "zod";

import type { Hex } from "../core/bytes.ts";

/** How a consumer buys an answer: `POST /v1/answers`. */

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`))
    .transform((text) => text as Hex);
const decimal = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt)
  .refine((value) => value < 1n << 256n);

/** The largest input in bytes. */
const MAX_INPUT_BYTES = 64 * 1024;

/** An input, and the voucher that pays for its answer. */
export const answerRequestSchema = z.strictObject({
  /** The bytes of one sample, in base64. */
  input: z
    .base64()
    .max(MAX_INPUT_BYTES * 2)
    .transform((text): Uint8Array => Buffer.from(text, "base64")),
  voucher: z.strictObject({
    consumer: hex(20),
    provider: hex(20),
    versionId: decimal,
    priceVersion: z.int().nonnegative().max(0xffff_ffff),
    units: decimal,
    cumulativeFeeWei: decimal,
    requestsRoot: hex(32),
  }),
  signature: z.string().regex(/^0x(?:[0-9a-fA-F]{2}){65,2048}$/),
});

/** A request for an answer as the worker reads it. */
export type AnswerRequest = z.output<typeof answerRequestSchema>;

/** An answer with its proof, and the transaction that settled it. */
export const answerSchema = z.strictObject({
  answer: z.int().nonnegative(),
  circuitId: hex(32),
  inputHash: decimal,
  proof: z.array(decimal).length(8),
  transaction: hex(32),
});

/** An answer as the consumer reads it. */
export type PaidAnswer = z.output<typeof answerSchema>;
