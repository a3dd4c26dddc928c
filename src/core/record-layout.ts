import { LEAF_BYTES } from "./bytes.ts";

/** Where a dataset's record keeps what. A record is exactly one leaf; integers are little-endian i32. */

/** Bytes of a record. */
export const RECORD_BYTES = LEAF_BYTES;

/** Byte offsets of a record's fields; the bytes after them are zero. */
export const RECORD_OFFSETS = {
  /** sha256 of the sample's real bytes. */
  contentSha256: 0,
  /** sha256 of the label's bytes. */
  labelHash: 32,
  /** keccak256 of the UTF-8 address the sample came from. */
  sourceHash: 64,
  /** keccak256 of the UTF-8 licence as the manifest states it. */
  licenceHash: 96,
  /** The labeller's EIP-712 signature: r, s, v. */
  labelSignature: 128,
  /** Real bytes of the sample. */
  byteLength: 193,
  /** Who gave the sample: index into the accounts file. */
  contributor: 197,
  /** Who signed the label: index into the accounts file. */
  labeller: 201,
} as const;

/** Bytes of an entry of an accounts file: an address, left-padded with zeros. */
export const ACCOUNT_BYTES = 32;
