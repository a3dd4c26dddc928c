import { z } from "zod";

import { base64Schema, hexSchema, uintSchema } from "../core/schemas.ts";

/** How a coordinator asks a compute worker for a part: `POST /v1/parts`. */

const weights = base64Schema(4 * 1024 * 1024);

/** The largest request: weights in base64 and what is around them. */
export const PART_BODY_LIMIT = 5 * 1024 * 1024;

/** An assignment, signed by the lease holder's signer, with the weights file that its `inputsRoot` commits to. */
export const partRequestSchema = z.strictObject({
  job: uintSchema(64),
  index: uintSchema(64),
  operator: hexSchema(20),
  inputsRoot: hexSchema(32),
  signature: hexSchema(65),
  weights,
});

/** A request for a part as the worker reads it. */
export type PartRequest = z.output<typeof partRequestSchema>;

/** The operator's signature of the part's claim, and the weights file that its `outputsRoot` commits to. */
export const partAnswerSchema = z.strictObject({ signature: hexSchema(65), weights });

/** What a worker says of itself: `GET /v1/status`. */
export const statusSchema = z.object({
  /** How many parts it computes at once. */
  parts: z.int().min(1).max(256),
});

/** The most parts that one question is about: those of a round. */
const MAX_PARTS = 255;

/** How a coordinator that takes over asks which parts a worker has signed: `GET /v1/parts`. */
export const signedPartsQuerySchema = z.strictObject({
  job: uintSchema(64),
  first: uintSchema(64),
  count: uintSchema(8).transform(Number),
  inputsRoot: hexSchema(32),
});

/** A question for signed parts as the worker reads it. */
export type SignedPartsQuery = z.output<typeof signedPartsQuerySchema>;

/** Those of the parts that the worker has signed. */
export const signedPartsAnswerSchema = z.strictObject({ signed: z.array(uintSchema(64)).max(MAX_PARTS) });
