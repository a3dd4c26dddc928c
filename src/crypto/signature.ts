import { secp256k1 } from "@noble/curves/secp256k1.js";

import { type Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";

import { addressOfPublicKey, sameAddress } from "./address.ts";

/** Bytes of a signature: r, s, v, with v 27 or 28 as the contracts expect. */
export const SIGNATURE_BYTES = 65;

/** A digest and the signature said to be for it. */
export interface SignedDigest {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

const { Point } = secp256k1;
type CurvePoint = InstanceType<typeof Point>;
const GROUP = Point.Fn;
const HALF_ORDER = GROUP.ORDER >> 1n;
const V_OFFSET = 27;
/** From this many signatures on, a table of the signer's multiples (about 0.1 s) pays for itself. */
const TABLE_FROM = 256;
const TABLE_WINDOW_BITS = 8;

/** Signs 32 bytes; deterministic (RFC 6979) and with s in the lower half. */
export function signDigest(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  ensureInput(digest.length === 32, "CRYPTO_DIGEST_INVALID", `a digest has 32 bytes, not ${digest.length}`);
  const recovered = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(recovered.subarray(1));
  signature[64] = V_OFFSET + Number(recovered[0]);
  return signature;
}

/**
 * The account that signed a digest, or undefined if no account did.
 * Accepts what OpenZeppelin's `ECDSA.recover` accepts: 65 bytes, v 27 or 28, s in the lower half.
 */
export function recoverSigner(digest: Uint8Array, signature: Uint8Array): Hex | undefined {
  const publicKey = recoverPublicKey({ digest, signature });
  return publicKey && addressOfPublicKey(publicKey.toBytes());
}

/**
 * Prepares checks of many signatures by one account: tells for each whether `signer` made it, exactly as recovering each would.
 *
 * Recovering costs 1.4 ms on one core. Once the signer's key is known, r and v fix the point R, and R = (h/s) G + (r/s) Q
 * decides the same question with two multiplications from tables and one batched inversion: 0.4 ms.
 */
export function signatureVerifier(signer: Hex): (signed: readonly SignedDigest[]) => boolean[] {
  let publicKey: CurvePoint | undefined;
  let seen = 0;
  return (signed) => {
    publicKey ??= findPublicKey(signer, signed);
    if (publicKey === undefined) return signed.map(() => false);
    if (seen < TABLE_FROM && seen + signed.length >= TABLE_FROM) publicKey.precompute(TABLE_WINDOW_BITS, false);
    seen += signed.length;
    return verifyAll(publicKey, signed);
  };
}

/** Tells for each signature whether `signer` made it; see {@link signatureVerifier}. */
export function verifySignatures(signer: Hex, signed: readonly SignedDigest[]): boolean[] {
  return signatureVerifier(signer)(signed);
}

function verifyAll(publicKey: CurvePoint, signed: readonly SignedDigest[]): boolean[] {
  const parsed = signed.map(({ digest, signature }) => parse(digest, signature));
  const inverses = GROUP.invertBatch(parsed.map((parts) => parts?.s ?? 1n));
  return parsed.map((parts, i) => {
    const inverse = inverses[i];
    if (parts === undefined || inverse === undefined) return false;
    const point = Point.BASE.multiplyUnsafe(GROUP.mul(parts.h, inverse)).add(
      publicKey.multiplyUnsafe(GROUP.mul(parts.r, inverse)),
    );
    if (point.is0()) return false;
    const { x, y } = point.toAffine();
    return x === parts.r && (y & 1n) === parts.parity;
  });
}

interface Parts {
  readonly r: bigint;
  readonly s: bigint;
  readonly parity: bigint;
  readonly h: bigint;
}

function parse(digest: Uint8Array, signature: Uint8Array): Parts | undefined {
  if (digest.length !== 32 || signature.length !== SIGNATURE_BYTES) return undefined;
  const r = toBigInt(signature.subarray(0, 32));
  const s = toBigInt(signature.subarray(32, 64));
  const parity = Number(signature[64]) - V_OFFSET;
  if (r === 0n || r >= GROUP.ORDER || s === 0n || s > HALF_ORDER || (parity !== 0 && parity !== 1)) return undefined;
  return { r, s, parity: BigInt(parity), h: GROUP.create(toBigInt(digest)) };
}

function recoverPublicKey({ digest, signature }: SignedDigest): CurvePoint | undefined {
  const parts = parse(digest, signature);
  if (parts === undefined) return undefined;
  try {
    return new secp256k1.Signature(parts.r, parts.s, Number(parts.parity)).recoverPublicKey(digest);
  } catch {
    // r is no point's coordinate, or the key would be the point at infinity: nobody signed this.
    return undefined;
  }
}

function findPublicKey(signer: Hex, signed: readonly SignedDigest[]): CurvePoint | undefined {
  for (const item of signed) {
    const publicKey = recoverPublicKey(item);
    if (publicKey && sameAddress(addressOfPublicKey(publicKey.toBytes()), signer)) return publicKey;
  }
  return undefined;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`);
}
