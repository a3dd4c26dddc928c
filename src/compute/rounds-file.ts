import { fromHex, toHex, type Hex, LEAF_BYTES } from "../core/bytes.ts";
import { ensureCheck, ensureInvariant } from "../core/errors.ts";
import { ADDRESS_BYTES } from "../crypto/address.ts";
import { SIGNATURE_BYTES } from "../crypto/signature.ts";

/**
 * The rounds file of a job claim: from where another coordinator continues, and what backs the credits.
 * First the weights file that each round starts from, then one leaf for each part of each round: the part claim's signature
 * (65 bytes), the operator that computed it (20 bytes), zeros.
 */

/** Bytes of the entry that backs one credit. */
const PART_ENTRY_BYTES = LEAF_BYTES;

/** Who computed a part, and its signature of the part's claim. */
export interface SignedPart {
  readonly operator: Hex;
  readonly signature: Hex;
}

/** What a rounds file holds. */
export interface RoundsFile {
  /** The weights file that each round starts from. */
  readonly starts: readonly Uint8Array[];
  /** By `round * parts + part`. */
  readonly signedParts: readonly SignedPart[];
}

/** Writes the rounds file. All weights files have the same length. */
export function encodeRoundsFile({ starts, signedParts }: RoundsFile): Uint8Array {
  const weightsBytes = starts[0]?.length ?? 0;
  const file = new Uint8Array(starts.length * weightsBytes + signedParts.length * PART_ENTRY_BYTES);
  starts.forEach((start, round) => {
    ensureInvariant(start.length === weightsBytes, "COMPUTE_ROUNDS_LENGTH", "weights files differ in length");
    file.set(start, round * weightsBytes);
  });
  signedParts.forEach(({ operator, signature }, index) => {
    const at = starts.length * weightsBytes + index * PART_ENTRY_BYTES;
    file.set(fromHex(signature, SIGNATURE_BYTES), at);
    file.set(fromHex(operator, ADDRESS_BYTES), at + SIGNATURE_BYTES);
  });
  return file;
}

/**
 * Reads a rounds file.
 * @throws GlassboxError `COMPUTE_ROUNDS_LENGTH` unless it has exactly these rounds and parts.
 */
export function decodeRoundsFile(file: Uint8Array, rounds: number, parts: number, weightsBytes: number): RoundsFile {
  const expected = rounds * (weightsBytes + parts * PART_ENTRY_BYTES);
  ensureCheck(
    file.length === expected,
    "COMPUTE_ROUNDS_LENGTH",
    `a rounds file of ${rounds} rounds has ${expected} bytes, got ${file.length}`,
  );
  const starts = Array.from({ length: rounds }, (_, round) =>
    file.subarray(round * weightsBytes, (round + 1) * weightsBytes),
  );
  return { starts, signedParts: partEntries(file, rounds * parts).map(decodePartEntry) };
}

/** The entries at the end of a rounds file, a leaf each. */
export function partEntries(file: Uint8Array, count: number): Uint8Array[] {
  const first = file.length - count * PART_ENTRY_BYTES;
  return Array.from({ length: count }, (_, index) =>
    file.subarray(first + index * PART_ENTRY_BYTES, first + (index + 1) * PART_ENTRY_BYTES),
  );
}

/** Who backs a credit, as its entry has it. */
export function decodePartEntry(entry: Uint8Array): SignedPart {
  return {
    signature: toHex(entry.subarray(0, SIGNATURE_BYTES)),
    operator: toHex(entry.subarray(SIGNATURE_BYTES, SIGNATURE_BYTES + ADDRESS_BYTES)),
  };
}

/** Whether nothing follows the operator in the entry of a part. */
export function isPartEntryPadded(entry: Uint8Array): boolean {
  return entry.subarray(SIGNATURE_BYTES + ADDRESS_BYTES).every((byte) => byte === 0);
}
