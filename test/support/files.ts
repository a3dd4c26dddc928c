import { GlassboxError } from "../../src/core/errors.ts";

/** The code of the GlassboxError that an action throws or rejects with; "none" if it does neither. */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof GlassboxError) return error.code;
    throw error;
  }
  return "none";
}

/** Bytes that differ from leaf to leaf and from segment to segment. */
export function variedFile(byteLength: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + (i >> 8) * 13 + (i >> 16) * 101 + salt) & 255);
}
