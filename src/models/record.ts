import { toHex, fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { RECORD_BYTES, RECORD_OFFSETS } from "../core/record-layout.ts";
import { SIGNATURE_BYTES } from "../crypto/signature.ts";

/** Where one sample came from, who gave it, and who says what it shows. */
export interface SampleRecord {
  readonly contentSha256: Hex;
  readonly labelHash: Hex;
  readonly sourceHash: Hex;
  readonly licenceHash: Hex;
  readonly labelSignature: Uint8Array;
  /** Real bytes of the sample. */
  readonly byteLength: number;
  /** Index into the dataset's accounts. */
  readonly contributor: number;
  /** Index into the dataset's accounts. */
  readonly labeller: number;
}

const HASH_FIELDS = ["contentSha256", "labelHash", "sourceHash", "licenceHash"] as const;
const INTEGER_FIELDS = ["byteLength", "contributor", "labeller"] as const;
const SIGNATURE_END = RECORD_OFFSETS.labelSignature + SIGNATURE_BYTES;
const FIELDS_END = RECORD_OFFSETS.labeller + 4;
const I32_MAX = 2 ** 31 - 1;

/** Encodes one record: one leaf of the records file. */
export function encodeRecord(record: SampleRecord): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const field of HASH_FIELDS) bytes.set(fromHex(record[field], 32), RECORD_OFFSETS[field]);
  ensureInput(
    record.labelSignature.length === SIGNATURE_BYTES,
    "MODELS_RECORD_INVALID",
    `a label signature has ${SIGNATURE_BYTES} bytes, got ${record.labelSignature.length}`,
  );
  bytes.set(record.labelSignature, RECORD_OFFSETS.labelSignature);
  for (const field of INTEGER_FIELDS) {
    const value = record[field];
    const fits = Number.isInteger(value) && value >= 0 && value <= I32_MAX;
    ensureInput(fits, "MODELS_RECORD_INVALID", `${field} of a record must be an index, got ${value}`);
    view.setInt32(RECORD_OFFSETS[field], value, true);
  }
  return bytes;
}

/**
 * Decodes record `index` of a records file.
 * @throws GlassboxError `MODELS_RECORD_MISSING`; `MODELS_RECORD_INVALID` if a byte after the fields is set or an index is negative.
 */
export function decodeRecord(file: Uint8Array, index: number): SampleRecord {
  const bytes = file.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES);
  ensureCheck(bytes.length === RECORD_BYTES, "MODELS_RECORD_MISSING", `the records file has no record ${index}`);
  const isPadded = bytes.subarray(FIELDS_END).every((byte) => byte === 0);
  ensureCheck(isPadded, "MODELS_RECORD_INVALID", `record ${index} has bytes after its fields`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_BYTES);
  const hash = (field: (typeof HASH_FIELDS)[number]): Hex => {
    const at = RECORD_OFFSETS[field];
    return toHex(bytes.subarray(at, at + 32));
  };
  const integer = (field: (typeof INTEGER_FIELDS)[number]): number => {
    const value = view.getInt32(RECORD_OFFSETS[field], true);
    ensureCheck(value >= 0, "MODELS_RECORD_INVALID", `${field} of record ${index} is negative`);
    return value;
  };
  return {
    contentSha256: hash("contentSha256"),
    labelHash: hash("labelHash"),
    sourceHash: hash("sourceHash"),
    licenceHash: hash("licenceHash"),
    labelSignature: bytes.subarray(RECORD_OFFSETS.labelSignature, SIGNATURE_END),
    byteLength: integer("byteLength"),
    contributor: integer("contributor"),
    labeller: integer("labeller"),
  };
}
