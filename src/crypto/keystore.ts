import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { decryptKeystoreJson, encryptKeystoreJson, isKeystoreJson } from "ethers";

import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";

import { addressOfSecretKey } from "./address.ts";

/** An account with its secret key in memory. */
export interface UnlockedKey {
  readonly address: Hex;
  readonly secretKey: Uint8Array;
}

/** scrypt's cost for keystores that are written; Web3's standard, about a second. */
const SCRYPT_COST = 2 ** 17;
const PASSWORD_MIN_LENGTH = 8;

/**
 * Encrypts a key as a Web3 Secret Storage document, version 3, which every common wallet reads.
 * @param scryptCost a power of two; lower it only in tests.
 * @throws GlassboxError `CRYPTO_PASSWORD_SHORT`, `CRYPTO_SECRET_KEY_INVALID`.
 */
export async function encryptKey(secretKey: Uint8Array, password: string, scryptCost = SCRYPT_COST): Promise<string> {
  ensureInput(
    password.length >= PASSWORD_MIN_LENGTH,
    "CRYPTO_PASSWORD_SHORT",
    `a keystore password has at least ${PASSWORD_MIN_LENGTH} characters`,
  );
  const address = addressOfSecretKey(secretKey);
  return encryptKeystoreJson({ address, privateKey: toHex(secretKey) }, password, { scrypt: { N: scryptCost } });
}

/**
 * Opens a Web3 Secret Storage document.
 * @throws GlassboxError `CRYPTO_KEYSTORE_INVALID` or `CRYPTO_PASSWORD_WRONG`.
 */
export async function decryptKey(keystore: string, password: string): Promise<UnlockedKey> {
  ensureInput(isKeystoreJson(keystore), "CRYPTO_KEYSTORE_INVALID", "not a Web3 keystore of version 3");
  try {
    const account = await decryptKeystoreJson(keystore, password);
    const secretKey = fromHex(account.privateKey, 32);
    return { address: addressOfSecretKey(secretKey), secretKey };
  } catch (cause) {
    const isPassword = cause instanceof Error && cause.message.includes("incorrect password");
    if (isPassword) throw new GlassboxError("usage", "CRYPTO_PASSWORD_WRONG", "the keystore's password is another one");
    throw new GlassboxError("usage", "CRYPTO_KEYSTORE_INVALID", "the keystore cannot be read", { cause });
  }
}

/**
 * Writes a keystore that only its owner can read. An existing file is never replaced, nor half of a file left.
 * @throws GlassboxError `CRYPTO_KEYSTORE_EXISTS`.
 */
export async function writeKeystore(path: string, keystore: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${keystore}\n`, { mode: 0o600 });
  try {
    await link(partial, path);
  } catch (cause) {
    const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (!exists) throw cause;
    throw new GlassboxError("usage", "CRYPTO_KEYSTORE_EXISTS", `${path} exists already`, {
      hint: "choose another name; keys are never overwritten",
    });
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * Reads and opens a keystore file.
 * @throws GlassboxError `CRYPTO_KEYSTORE_MISSING`, `CRYPTO_KEYSTORE_INVALID` or `CRYPTO_PASSWORD_WRONG`.
 */
export async function readKeystore(path: string, password: string): Promise<UnlockedKey> {
  let keystore: string;
  try {
    keystore = await readFile(path, "utf8");
  } catch (cause) {
    throw new GlassboxError("usage", "CRYPTO_KEYSTORE_MISSING", `no keystore at ${path}`, {
      cause,
      hint: "create one with `glassbox keys new`",
    });
  }
  return decryptKey(keystore, password);
}
