import { utf8ToBytes } from "@noble/hashes/utils.js";

import { blsKeyFromSeed } from "../crypto/bls.ts";

/**
 * The secret BLS key that belongs to an account's secret key, so that one keystore holds both.
 * @param secretKey of secp256k1: the account's, or the worker's
 * @param number 0 for the first key; a replacement takes the next
 */
export function operatorBlsKey(secretKey: Uint8Array, number: number): Uint8Array {
  return blsKeyFromSeed(secretKey, utf8ToBytes(`Glassbox operator key ${number}`));
}
