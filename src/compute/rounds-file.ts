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
  const signedParts = Array.from({ length: rounds * parts }, (_, index) => {
    const at = rounds * weightsBytes + index * PART_ENTRY_BYTES;
    const operatorAt = at + SIGNATURE_BYTES;
    return {
      signature: toHex(file.subarray(at, operatorAt)),
      operator: toHex(file.subarray(operatorAt, operatorAt + ADDRESS_BYTES)),
    };
  });
  return { starts, signedParts };
}

/**
 * Whether nothing follows the operator in the entry of a part.
 * @param fromEnd which entry: -1 for the last one
 */
export function isPartEntryPadded(file: Uint8Array, fromEnd: number): boolean {
  const at = file.length + fromEnd * PART_ENTRY_BYTES;
  return file.subarray(at + SIGNATURE_BYTES + ADDRESS_BYTES, at + PART_ENTRY_BYTES).every((byte) => byte === 0);
}
