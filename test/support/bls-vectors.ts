import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { type Hex, toHex } from "../../src/core/bytes.ts";
import {
  aggregateKeys,
  aggregateSignatures,
  blsKeyFromSeed,
  blsPublicKey,
  provePossession,
  signVote,
} from "../../src/crypto/bls.ts";

/**
 * What test/support/vectors/bls.json holds, for the tests of Bls12381Lib.sol. Written by
 * `node test/support/bls-vectors.ts > test/support/vectors/bls.json`.
 */
export interface BlsVectors {
  /** Appendix J.10.1 of RFC 9380. */
  readonly rfc9380: { readonly tag: string; readonly messages: readonly string[]; readonly points: readonly Hex[] };
  readonly secrets: readonly Hex[];
  readonly keys: readonly Hex[];
  readonly digests: readonly Hex[];
  /** The digests hashed to G2 under the tag of votes. */
  readonly hashes: readonly Hex[];
  /** By each key on the digest of the same index. */
  readonly votes: readonly Hex[];
  readonly possessions: readonly Hex[];
  /** By the first key, on the first two digests. */
  readonly pair: Hex;
  /** All keys on the first digest. */
  readonly committee: { readonly key: Hex; readonly signature: Hex };
  /** The first key and the first vote, each with a point of the cofactor's subgroup added: pairings do not see the difference. */
  readonly offSubgroup: { readonly key: Hex; readonly signature: Hex };
}

const COUNT = 6;
const RFC_TAG = "QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_";
const RFC_MESSAGES = ["", "abc", "abcdef0123456789", `q128_${"q".repeat(128)}`, `a512_${"a".repeat(512)}`];
const VOTE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

const { G1, G2, fields, longSignatures } = bls12_381;
const { Fp, Fp2, Fr } = fields;

/** Makes the vectors anew. */
export function blsVectors(): BlsVectors {
  const secrets = Array.from({ length: COUNT }, (_, i) => blsKeyFromSeed(sha256(Uint8Array.of(i))));
  const digests = Array.from({ length: COUNT }, (_, i) => sha256(Uint8Array.of(0, i)));
  const keys = secrets.map(blsPublicKey);
  const [secret, digest, other] = [secrets[0], digests[0], digests[1]] as [Uint8Array, Uint8Array, Uint8Array];
  const onEach = (sign: (digest: Uint8Array, secret: Uint8Array) => Uint8Array): Hex[] =>
    secrets.map((key, i) => toHex(sign(digests[i] as Uint8Array, key)));
  return {
    rfc9380: {
      tag: RFC_TAG,
      messages: RFC_MESSAGES,
      points: RFC_MESSAGES.map((message) => g2(longSignatures.hash(utf8ToBytes(message), RFC_TAG))),
    },
    secrets: secrets.map(toHex),
    keys: keys.map(toHex),
    digests: digests.map(toHex),
    hashes: digests.map((item) => g2(longSignatures.hash(item, VOTE_TAG))),
    votes: onEach(signVote),
    possessions: onEach(provePossession),
    pair: toHex(aggregateSignatures([signVote(digest, secret), signVote(other, secret)])),
    committee: {
      key: toHex(aggregateKeys(keys)),
      signature: toHex(aggregateSignatures(secrets.map((key) => signVote(digest, key)))),
    },
    offSubgroup: {
      key: g1(longSignatures.getPublicKey(secret).add(cofactorPointG1())),
      signature: g2(longSignatures.sign(longSignatures.hash(digest, VOTE_TAG), secret).add(cofactorPointG2())),
    },
  };
}

function g1(point: InstanceType<typeof G1.Point>): Hex {
  const { x, y } = point.toAffine();
  return toHex(concatBytes(Fp.toBytes(x), Fp.toBytes(y)));
}

function g2(point: InstanceType<typeof G2.Point>): Hex {
  const { x, y } = point.toAffine();
  const parts = [x.c0, x.c1, y.c0, y.c1].flatMap((part) => [new Uint8Array(16), Fp.toBytes(part)]);
  return toHex(concatBytes(...parts));
}

/** A point of the curve times the group's order. */
function cofactorPointG1(): InstanceType<typeof G1.Point> {
  for (let x = 1n; ; x++) {
    const square = Fp.add(Fp.pow(x, 3n), 4n);
    if (Fp.pow(square, (Fp.ORDER - 1n) / 2n) !== 1n) continue;
    const point = G1.Point.fromAffine({ x, y: Fp.sqrt(square) });
    return point.multiplyUnsafe(Fr.ORDER - 1n).add(point);
  }
}

function cofactorPointG2(): InstanceType<typeof G2.Point> {
  const b = Fp2.fromBigTuple([4n, 4n]);
  for (let i = 1n; ; i++) {
    const x = Fp2.fromBigTuple([i, 0n]);
    const square = Fp2.add(Fp2.pow(x, 3n), b);
    if (!Fp2.eql(Fp2.pow(square, (Fp.ORDER ** 2n - 1n) / 2n), Fp2.ONE)) continue;
    const point = G2.Point.fromAffine({ x, y: Fp2.sqrt(square) });
    return point.multiplyUnsafe(Fr.ORDER - 1n).add(point);
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(blsVectors(), undefined, 2)}\n`);
