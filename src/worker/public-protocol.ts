import { z } from "zod";

import { base64Schema, hexSchema } from "../core/schemas.ts";
import { MAX_QUERY_CHARACTERS } from "../models/public-receipt.ts";

/** How anyone asks a compute worker for a public answer: `POST /v1/public-answers`. It is answered with a receipt. */
export const publicRequestSchema = z.strictObject({
  programRoot: hexSchema(32),
  weightsRoot: hexSchema(32),
  /** The bytes that the model reads, in base64. */
  query: base64Schema(MAX_QUERY_CHARACTERS),
});

/** Which model is asked, and what. */
export type PublicRequest = z.output<typeof publicRequestSchema>;
