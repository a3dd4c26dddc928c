import { z } from "zod";

import { base64Schema, hexSchema, uintSchema } from "../core/schemas.ts";

/** How a consumer buys an answer: `POST /v1/answers`. */

/** The largest input in bytes. */
const MAX_INPUT_BYTES = 64 * 1024;

/** An input, and the voucher that pays for its answer. */
export const answerRequestSchema = z.strictObject({
  /** The bytes of one sample, in base64. */
  input: base64Schema(MAX_INPUT_BYTES * 2),
  voucher: z.strictObject({
    consumer: hexSchema(20),
    provider: hexSchema(20),
    versionId: uintSchema(256),
    priceVersion: z.int().nonnegative().max(0xffff_ffff),
    units: uintSchema(256),
    cumulativeFeeWei: uintSchema(256),
    requestsRoot: hexSchema(32),
  }),
  signature: z.string().regex(/^0x(?:[0-9a-fA-F]{2}){65,2048}$/),
});

/** A request for an answer as the worker reads it. */
export type AnswerRequest = z.output<typeof answerRequestSchema>;

/** An answer with its proof, and the transaction that settled it. */
export const answerSchema = z.strictObject({
  answer: z.int().nonnegative(),
  circuitId: hexSchema(32),
  inputHash: uintSchema(256),
  proof: z.array(uintSchema(256)).length(8),
  transaction: hexSchema(32),
});

/** An answer as the consumer reads it. */
export type PaidAnswer = z.output<typeof answerSchema>;
