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
