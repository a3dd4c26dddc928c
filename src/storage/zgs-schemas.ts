import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { SEGMENT_BYTES } from "../crypto/file-shape.ts";

const whole = z.number().int().nonnegative();

/** A 32-byte hash in hex of any case. */
export const hashSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "expected 0x and 64 hex digits")
  .transform((text) => text.toLowerCase() as Hex);

/** Index of a submission. */
export const seqSchema = whole;

/** Index of a leaf or a segment. */
export const indexSchema = whole;

/** Most siblings a segment proof can have: 2^53 bytes are 2^35 segments. */
const MAX_PROOF = 40;

const base64Schema = z
  .string()
  .max(Math.ceil(SEGMENT_BYTES / 3) * 4, "longer than a segment")
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, "expected base64")
  .transform((text) => new Uint8Array(Buffer.from(text, "base64")));

/** A segment with its proof, as 0G clients send it. */
export const segmentSchema = z
  .object({
    root: hashSchema,
    data: base64Schema,
    index: indexSchema,
    proof: z.object({
      lemma: z.array(hashSchema).min(1).max(MAX_PROOF),
      path: z.array(z.boolean()).max(MAX_PROOF),
    }),
    fileSize: whole,
  })
  .transform(({ fileSize, ...segment }) => ({ ...segment, byteLength: fileSize }));

/** Segments of one call. */
export const segmentsSchema = z.array(segmentSchema).min(1).max(16);

/** What is to be known of a file's state, as a node reports it. */
export const fileInfoSchema = z.object({
  tx: z.object({ dataMerkleRoot: hashSchema, size: whole, seq: whole }),
  finalized: z.boolean(),
  uploadedSegNum: whole,
});
