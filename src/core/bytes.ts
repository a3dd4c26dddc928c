import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { ensureInput } from "./errors.ts";

/** Bytes of a leaf of the file tree (0G: chunk, sector). */
export const LEAF_BYTES = 256;

/** Hex with a leading `0x`, two digits a byte. */
export type Hex = `0x${string}`;

/** True for `0x` and an even number of hex digits. */
export function isHex(value: unknown): value is Hex {
  return typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value);
}

/** Encodes bytes as lower-case hex with `0x`. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/**
 * Decodes `0x` hex.
 * @throws GlassboxError `CORE_HEX_INVALID` for anything but an even number of hex digits after `0x`, or for another length than `byteLength`.
 */
export function fromHex(hex: string, byteLength?: number): Uint8Array {
  ensureInput(isHex(hex), "CORE_HEX_INVALID", "expected 0x and an even number of hex digits");
  const bytes = hexToBytes(hex.slice(2));
  ensureInput(
    byteLength === undefined || bytes.length === byteLength,
    "CORE_HEX_INVALID",
    `expected ${byteLength} bytes of hex, got ${bytes.length}`,
  );
  return bytes;
}

/** True if both have the same length and bytes. Not constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
