import { z } from "zod";

import { isHex, type Hex } from "./bytes.ts";

/** Hex of so many bytes, in digits of any case. */
export function hexSchema(byteLength: number): z.ZodType<Hex, Hex> {
  const isOfLength = (value: unknown): boolean => isHex(value) && value.length === 2 + 2 * byteLength;
  return z.custom<Hex>(isOfLength, `expected 0x and ${2 * byteLength} hex digits`);
}

/** An integer from 0 and below 2^bits in decimal, without leading zeros: JSON's own numbers are too short. */
export function uintSchema(bits: number): z.ZodType<bigint, string> {
  return z
    .string()
    .regex(/^(?:0|[1-9]\d{0,77})$/, "expected a decimal integer")
    .transform(BigInt)
    .refine((value) => value < 1n << BigInt(bits), `expected at most ${bits} bits`);
}

/** Bytes in base64, of at most so many characters. */
export function base64Schema(maxLength: number): z.ZodType<Uint8Array, string> {
  return z
    .base64()
    .max(maxLength)
    .transform((text) => Buffer.from(text, "base64"));
}

/** What a value lacks, each with its place; nothing if there is no error. */
export function problemsOf(error: z.ZodError | undefined): string[] {
  return (error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}
