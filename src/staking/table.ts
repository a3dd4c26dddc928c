import { type Hex, toHex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { aggregateKeys, BLS_KEY_BYTES } from "../crypto/bls.ts";
import { keccak256 } from "../crypto/keccak.ts";

/**
 * Validator tables as contracts/libraries/TableLib.sol stores them: a header row with the sums, then a row for each validator, 96
 * bytes of key and 16 of weight.
 */

/** One validator of a table. */
export interface TableRow {
  /** BLS public key, 96 bytes. */
  readonly key: Uint8Array;
  readonly weight: bigint;
}

/** Bytes of a row. */
export const ROW_BYTES = 112;
/** Rows of the largest table: what fits the code of one contract. */
const MAX_ROWS = 200;
/** Weights above count as this. */
export const MAX_ROW_WEIGHT = (1n << 120n) - 1n;

const WEIGHT_BYTES = ROW_BYTES - BLS_KEY_BYTES;

/**
 * Encodes a table, in the order given.
 * @throws GlassboxError `STAKING_TABLE_LENGTH` for more than 200 rows, `STAKING_TABLE_WEIGHT` for a weight of zero or too many
 * bits, `CRYPTO_BLS_KEY_INVALID` for a key that is no key.
 */
export function encodeTable(rows: readonly TableRow[]): Uint8Array {
  ensureInput(rows.length <= MAX_ROWS, "STAKING_TABLE_LENGTH", `${rows.length} rows, at most ${MAX_ROWS}`);
  const table = new Uint8Array((rows.length + 1) * ROW_BYTES);
  if (rows.length === 0) return table;
  rows.forEach(({ key, weight }, i) => {
    const isWeight = weight > 0n && weight <= MAX_ROW_WEIGHT;
    ensureInput(isWeight, "STAKING_TABLE_WEIGHT", `row ${i} weighs ${weight}, not 1 to ${MAX_ROW_WEIGHT}`);
    writeRow(table, i + 1, key, weight);
  });
  writeRow(table, 0, aggregateKeys(rows.map(({ key }) => key)), totalWeight(rows));
  return table;
}

/**
 * The rows of an encoded table, whose sums are checked.
 * @throws GlassboxError as `encodeTable`, `STAKING_TABLE_LENGTH` for a broken row, `STAKING_TABLE_SUMS` for a header row that is
 * not the sum of the others.
 */
export function decodeTable(table: Uint8Array): TableRow[] {
  const isWhole = table.length >= ROW_BYTES && table.length % ROW_BYTES === 0;
  ensureInput(isWhole, "STAKING_TABLE_LENGTH", `${table.length} bytes are not whole rows of ${ROW_BYTES}`);
  const rows: TableRow[] = [];
  for (let at = ROW_BYTES; at < table.length; at += ROW_BYTES) {
    const key = table.slice(at, at + BLS_KEY_BYTES);
    rows.push({ key, weight: BigInt(toHex(table.subarray(at + BLS_KEY_BYTES, at + ROW_BYTES))) });
  }
  const hasSums = toHex(encodeTable(rows)) === toHex(table);
  ensureInput(hasSums, "STAKING_TABLE_SUMS", "the header row is not the sum of the rows");
  return rows;
}

/** The hash that headers name: that of the contract code 0x00 and the table. */
export function tableHash(table: Uint8Array): Hex {
  const code = new Uint8Array(table.length + 1);
  code.set(table, 1);
  return toHex(keccak256(code));
}

/** The weight of all rows. */
export function totalWeight(rows: readonly TableRow[]): bigint {
  return rows.reduce((total, { weight }) => total + weight, 0n);
}

function writeRow(table: Uint8Array, index: number, key: Uint8Array, weight: bigint): void {
  table.set(key, index * ROW_BYTES);
  const end = (index + 1) * ROW_BYTES;
  for (let rest = weight, at = end - 1; at >= end - WEIGHT_BYTES; at--, rest >>= 8n) table[at] = Number(rest & 0xffn);
}
