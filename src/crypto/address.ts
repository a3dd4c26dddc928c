import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { type Hex, fromHex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";

import { keccak256 } from "./keccak.ts";

/** Bytes of an account's address. */
export const ADDRESS_BYTES = 20;

/** Writes an address of 20 bytes in the mixed case of ERC-55, as wallets and ethers show it. */
export function checksumAddress(address: Uint8Array | Hex): Hex {
  const bytes = typeof address === "string" ? fromHex(address, ADDRESS_BYTES) : address;
  ensureInput(bytes.length === ADDRESS_BYTES, "CRYPTO_ADDRESS_INVALID", `an address has 20 bytes, not ${bytes.length}`);
  const digits = bytesToHex(bytes);
  const mask = bytesToHex(keccak256(Buffer.from(digits, "ascii")));
  const mixed = Array.from(digits, (digit, i) => (mask.charCodeAt(i) >= 0x38 ? digit.toUpperCase() : digit));
  return `0x${mixed.join("")}`;
}

/** The address of a secp256k1 public key, compressed or not. */
export function addressOfPublicKey(publicKey: Uint8Array): Hex {
  const uncompressed = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  return checksumAddress(keccak256(uncompressed.subarray(1)).subarray(12));
}

/**
 * The address of a secp256k1 secret key.
 * @throws GlassboxError `CRYPTO_SECRET_KEY_INVALID` unless the key is 32 bytes between 1 and the group order less 1.
 */
export function addressOfSecretKey(secretKey: Uint8Array): Hex {
  const valid = secp256k1.utils.isValidSecretKey(secretKey);
  ensureInput(valid, "CRYPTO_SECRET_KEY_INVALID", "not a secp256k1 secret key");
  return addressOfPublicKey(secp256k1.getPublicKey(secretKey));
}

/** True if both stand for the same account, whatever the case of their digits. */
export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
