import type { Hex } from "../core/bytes.ts";
import { fromHex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { ACCOUNT_BYTES } from "../core/record-layout.ts";
import { ADDRESS_BYTES, checksumAddress } from "../crypto/address.ts";

const PADDING = ACCOUNT_BYTES - ADDRESS_BYTES;

/** Encodes an accounts file: 32 bytes an account, address left-padded with zeros, as `abi.encode` does. */
export function encodeAccounts(accounts: readonly Hex[]): Uint8Array {
  ensureInput(accounts.length > 0, "MODELS_ACCOUNTS_EMPTY", "an accounts file names at least one account");
  const file = new Uint8Array(accounts.length * ACCOUNT_BYTES);
  accounts.forEach((account, i) => {
    file.set(fromHex(account, ADDRESS_BYTES), i * ACCOUNT_BYTES + PADDING);
  });
  return file;
}

/**
 * Decodes an accounts file.
 * @throws GlassboxError `MODELS_ACCOUNTS_INVALID` for another length than 32 bytes an account, or an entry that is no address.
 */
export function decodeAccounts(file: Uint8Array): Hex[] {
  ensureCheck(
    file.length > 0 && file.length % ACCOUNT_BYTES === 0,
    "MODELS_ACCOUNTS_INVALID",
    `an accounts file has ${ACCOUNT_BYTES} bytes an account, got ${file.length}`,
  );
  return Array.from({ length: file.length / ACCOUNT_BYTES }, (_, i) => {
    const entry = file.subarray(i * ACCOUNT_BYTES, (i + 1) * ACCOUNT_BYTES);
    const isPadded = entry.subarray(0, PADDING).every((byte) => byte === 0);
    ensureCheck(isPadded, "MODELS_ACCOUNTS_INVALID", `entry ${i} of the accounts file is no address`);
    return checksumAddress(entry.subarray(PADDING));
  });
}
