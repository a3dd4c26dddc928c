import { bls12_381 } from "@noble/curves/bls12-381.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { ensureInput, GlassboxError } from "../core/errors.ts";

/**
 * BLS signatures over BLS12-381 as contracts/libraries/Bls12381Lib.sol verifies them: keys in G1, signatures in G2, the proof-of-possession
 * scheme of https://datatracker.ietf.org/doc/draft-irtf-cfrg-bls-signature/. Every point is passed in the form the contracts take.
 */

/** Bytes of a public key: x and y. */
export const BLS_KEY_BYTES = 96;
/** Bytes of a signature, in the precompiles' form: the parts of x, then of y, each after 16 zeros. */
export const BLS_SIGNATURE_BYTES = 256;

const VOTE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

const { longSignatures: scheme, G1, G2, fields } = bls12_381;
const { Fp, Fp2, Fr } = fields;
type KeyPoint = InstanceType<typeof G1.Point>;
type SignaturePoint = InstanceType<typeof G2.Point>;

const COORDINATE_BYTES = 48;
const PADDED_BYTES = 64;
const PADDING = PADDED_BYTES - COORDINATE_BYTES;

const SEED_MIN_BYTES = 32;
/** Enough for a bias below 2^-128. */
const KEY_MATERIAL_BYTES = 48;

/**
 * The secret key of a seed: `KeyGen` of the BLS draft, which is also the master key of EIP-2333.
 * The secret key of an operator's signer makes a good seed: then one keystore holds both keys, and neither tells anything of the other.
 * @param seed at least 32 secret bytes
 * @param keyInfo tells keys of one seed apart: a replacement needs another
 * @throws GlassboxError `CRYPTO_BLS_SEED_SHORT`.
 */
export function blsKeyFromSeed(seed: Uint8Array, keyInfo = new Uint8Array()): Uint8Array {
  ensureInput(seed.length >= SEED_MIN_BYTES, "CRYPTO_BLS_SEED_SHORT", `a seed has at least ${SEED_MIN_BYTES} bytes`);
  const info = concatBytes(keyInfo, Uint8Array.of(0, KEY_MATERIAL_BYTES));
  let salt = utf8ToBytes("BLS-SIG-KEYGEN-SALT-");
  for (;;) {
    salt = sha256(salt);
    const material = expand(
      sha256,
      extract(sha256, concatBytes(seed, Uint8Array.of(0)), salt),
      info,
      KEY_MATERIAL_BYTES,
    );
    const key = Fr.create(toBigInt(material));
    if (key !== 0n) return Fr.toBytes(key);
  }
}

/**
 * The public key of a secret key, in 96 bytes.
 * @throws GlassboxError `CRYPTO_BLS_SECRET_KEY_INVALID` unless the key is 32 bytes between 1 and the group order less 1.
 */
export function blsPublicKey(secretKey: Uint8Array): Uint8Array {
  ensureSecretKey(secretKey);
  return encodeKey(scheme.getPublicKey(secretKey));
}

/** A public key of 96 bytes as the precompiles of EIP-2537 take it, in 128: each coordinate after 16 zeros. */
export function padBlsKey(key: Uint8Array): Uint8Array {
  ensureKeyLength(key);
  return concatBytes(pad(key.subarray(0, COORDINATE_BYTES)), pad(key.subarray(COORDINATE_BYTES)));
}

/** Signs the digest of a vote. */
export function signVote(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return sign(digest, secretKey, VOTE_TAG);
}

/** Signs a digest as proof that the signer holds the key. */
export function provePossession(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return sign(digest, secretKey, POSSESSION_TAG);
}

/** Whether `signature` is that of `key`, or of the keys it is the sum of, on a vote. Malformed points are false. */
export function verifyVote(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  return verify(key, digest, signature, VOTE_TAG);
}

/** Whether `signature` is a proof of possession of `key`. Malformed points are false. */
export function verifyPossession(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  return verify(key, digest, signature, POSSESSION_TAG);
}

/**
 * The sum of public keys, in 96 bytes.
 * @throws GlassboxError `CRYPTO_BLS_KEY_INVALID`, also for a sum that is the identity.
 */
export function aggregateKeys(keys: readonly Uint8Array[]): Uint8Array {
  const sum = keys.map(decodeKey).reduce((total, point) => total.add(point), G1.Point.ZERO);
  ensureInput(!sum.is0(), "CRYPTO_BLS_KEY_INVALID", "the keys' sum is the identity");
  return encodeKey(sum);
}

/**
 * The sum of signatures, which the sum of their keys verifies if the digest is the same, and their key if the signer is.
 * @throws GlassboxError `CRYPTO_BLS_SIGNATURE_INVALID`, also for a sum that is the identity.
 */
export function aggregateSignatures(signatures: readonly Uint8Array[]): Uint8Array {
  const sum = signatures.map(decodeSignature).reduce((total, point) => total.add(point), G2.Point.ZERO);
  ensureInput(!sum.is0(), "CRYPTO_BLS_SIGNATURE_INVALID", "the signatures' sum is the identity");
  return encodeSignature(sum);
}

/**
 * Checks that a public key is a point of the group other than the identity, in its only encoding.
 * @throws GlassboxError `CRYPTO_BLS_KEY_INVALID`.
 */
export function ensureBlsKey(key: Uint8Array): void {
  decodeKey(key);
}

function sign(digest: Uint8Array, secretKey: Uint8Array, tag: string): Uint8Array {
  ensureDigest(digest);
  ensureSecretKey(secretKey);
  return encodeSignature(scheme.sign(scheme.hash(digest, tag), secretKey));
}

function verify(key: Uint8Array, digest: Uint8Array, signature: Uint8Array, tag: string): boolean {
  ensureDigest(digest);
  try {
    return scheme.verify(decodeSignature(signature), scheme.hash(digest, tag), decodeKey(key));
  } catch (error) {
    if (error instanceof GlassboxError) return false;
    throw error;
  }
}

function encodeKey(point: KeyPoint): Uint8Array {
  const { x, y } = point.toAffine();
  return concatBytes(Fp.toBytes(x), Fp.toBytes(y));
}

function encodeSignature(point: SignaturePoint): Uint8Array {
  const { x, y } = point.toAffine();
  return concatBytes(...[x.c0, x.c1, y.c0, y.c1].map((part) => pad(Fp.toBytes(part))));
}

function decodeKey(key: Uint8Array): KeyPoint {
  ensureKeyLength(key);
  return decoded("CRYPTO_BLS_KEY_INVALID", () =>
    G1.Point.fromAffine({
      x: Fp.fromBytes(key.subarray(0, COORDINATE_BYTES)),
      y: Fp.fromBytes(key.subarray(COORDINATE_BYTES)),
    }),
  );
}

function decodeSignature(signature: Uint8Array): SignaturePoint {
  const code = "CRYPTO_BLS_SIGNATURE_INVALID";
  const { length } = signature;
  ensureInput(length === BLS_SIGNATURE_BYTES, code, `a signature has ${BLS_SIGNATURE_BYTES} bytes, not ${length}`);
  return decoded(code, () => {
    const [x0, x1, y0, y1] = [0, 1, 2, 3].map((i) =>
      unpad(signature.subarray(i * PADDED_BYTES, (i + 1) * PADDED_BYTES)),
    );
    return G2.Point.fromAffine({
      x: Fp2.fromBigTuple([x0 ?? 0n, x1 ?? 0n]),
      y: Fp2.fromBigTuple([y0 ?? 0n, y1 ?? 0n]),
    });
  });
}

/** noble refuses coordinates at or above the modulus and points off the curve or its subgroup, but not the identity. */
function decoded<Point extends KeyPoint | SignaturePoint>(code: string, decode: () => Point): Point {
  const message = "not a point of the group other than the identity";
  try {
    const point = decode();
    point.assertValidity();
    ensureInput(!point.is0(), code, message);
    return point;
  } catch (cause) {
    throw new GlassboxError("usage", code, message, { cause });
  }
}

function pad(coordinate: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(PADDING), coordinate);
}

function unpad(padded: Uint8Array): bigint {
  const isPadded = padded.subarray(0, PADDING).every((byte) => byte === 0);
  ensureInput(isPadded, "CRYPTO_BLS_SIGNATURE_INVALID", "a coordinate has more than 48 bytes");
  return Fp.fromBytes(padded.subarray(PADDING));
}

function ensureDigest(digest: Uint8Array): void {
  ensureInput(digest.length === 32, "CRYPTO_DIGEST_INVALID", `a digest has 32 bytes, not ${digest.length}`);
}

function ensureKeyLength({ length }: Uint8Array): void {
  ensureInput(length === BLS_KEY_BYTES, "CRYPTO_BLS_KEY_INVALID", `a key has ${BLS_KEY_BYTES} bytes, not ${length}`);
}

function ensureSecretKey(secretKey: Uint8Array): void {
  const isValid = secretKey.length === 32 && Fr.isValidNot0(toBigInt(secretKey));
  ensureInput(isValid, "CRYPTO_BLS_SECRET_KEY_INVALID", "not a BLS12-381 secret key");
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`);
}
