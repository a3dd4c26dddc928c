import { z } from "zod";

import type { Hex } from "../core/bytes.ts";

/** How a coordinator asks a compute worker for a part: `POST /v1/parts`. */

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`))
    .transform((text) => text as Hex);
const number64 = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const base64 = z
  .base64()
  .max(4 * 1024 * 1024)
  .transform((text): Uint8Array => Buffer.from(text, "base64"));

/** The largest request: weights in base64 and what is around them. */
export const PART_BODY_LIMIT = 5 * 1024 * 1024;

/** An assignment, signed by the lease holder's signer, with the weights file that its `inputsRoot` commits to. */
export const partRequestSchema = z.strictObject({
  job: number64,
  index: number64,
  operator: hex(20),
  inputsRoot: hex(32),
  signature: hex(65),
  weights: base64,
});

/** A request for a part as the worker reads it. */
export type PartRequest = z.output<typeof partRequestSchema>;

/** The operator's signature of the part's claim, and the weights file that its `outputsRoot` commits to. */
export const partAnswerSchema = z.strictObject({ signature: hex(65), weights: base64 });
