import { z } from "zod";

import { toHex } from "../../core/bytes.ts";
import { EXIT_CODES, type ErrorKind } from "../../core/errors.ts";
import { hexSchema } from "../../core/schemas.ts";
import { keccak256 } from "../../crypto/keccak.ts";

/** What goes over NATS: small messages that name files by their roots. The files are in object stores. */

const count = z.int().min(0);

/** A part to compute. */
export const partMessageSchema = z.strictObject({
  program: hexSchema(32),
  samples: hexSchema(32),
  labels: hexSchema(32),
  count,
  seed: hexSchema(32),
  round: count,
  part: count,
  start: hexSchema(32),
});

/** A part as its message says it. */
export type PartMessage = z.output<typeof partMessageSchema>;

const kinds = Object.keys(EXIT_CODES) as [ErrorKind, ...ErrorKind[]];

/** What became of a part: the root of its weights, why nobody can compute it, or that a file was not there to compute it from. */
export const resultMessageSchema = z.union([
  z.strictObject({ root: hexSchema(32) }),
  z.strictObject({ missing: z.literal(true) }),
  z.strictObject({
    error: z.strictObject({ kind: z.enum(kinds), code: z.string().max(64), message: z.string().max(2_000) }),
  }),
]);

/** A result as its message says it. */
export type ResultMessage = z.output<typeof resultMessageSchema>;

/** The same part has the same name, whoever asks for it and how often. */
export function partName(message: PartMessage): string {
  return toHex(keccak256(Buffer.from(JSON.stringify(message)))).slice(2);
}

/** Reads a message. @returns undefined for one of another form */
export function readMessage<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
