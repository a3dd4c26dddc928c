import { secp256k1 } from "@noble/curves/secp256k1.js";
import { HDNodeWallet } from "ethers";

import { fromHex } from "../core/bytes.ts";
import { DEVELOPMENT_CHAIN_ID } from "../core/chain-ids.ts";
import { ensureInput } from "../core/errors.ts";

import { keccak256 } from "./keccak.ts";

/** The mnemonic that development chains fund; public, so it protects nothing. */
const DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk";

/**
 * Key `index` of the public development mnemonic.
 * @throws GlassboxError `CRYPTO_DEVELOPMENT_KEY_REFUSED` on any chain but 31337.
 */
export function developmentKey(chainId: number | bigint, index: number): Uint8Array {
  ensureDevelopmentChain(chainId);
  return fromHex(HDNodeWallet.fromPhrase(DEVELOPMENT_MNEMONIC, "", `m/44'/60'/0'/0/${index}`).privateKey);
}

/**
 * A key derived from a public seed, for people who exist in demonstrations and tests only.
 * @throws GlassboxError `CRYPTO_DEVELOPMENT_KEY_REFUSED` on any chain but 31337.
 */
export function derivedDevelopmentKey(chainId: number | bigint, seed: string, name: string): Uint8Array {
  ensureDevelopmentChain(chainId);
  let key = keccak256(new TextEncoder().encode(JSON.stringify([seed, name])));
  while (!secp256k1.utils.isValidSecretKey(key)) key = keccak256(key);
  return key;
}

function ensureDevelopmentChain(chainId: number | bigint): void {
  ensureInput(
    BigInt(chainId) === BigInt(DEVELOPMENT_CHAIN_ID),
    "CRYPTO_DEVELOPMENT_KEY_REFUSED",
    `development keys are public and only for chain ${DEVELOPMENT_CHAIN_ID}, not ${chainId}`,
    { hint: "use a keystore: `glassbox keys new`" },
  );
}
