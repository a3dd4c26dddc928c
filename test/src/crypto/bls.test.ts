import { expect } from "chai";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  aggregateKeys,
  aggregateSignatures,
  blsKeyFromSeed,
  blsPublicKey,
  ensureBlsKey,
  padBlsKey,
  provePossession,
  signVote,
  verifyPossession,
  verifyVote,
} from "../../../src/crypto/bls.ts";
import { blsVectors } from "../../support/bls-vectors.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import vectors from "../../support/vectors/bls.json" with { type: "json" };

const [KEY, OTHER_KEY] = vectors.keys.map((key) => fromHex(key)) as [Uint8Array, Uint8Array];
const [SECRET] = vectors.secrets.map((secret) => fromHex(secret)) as [Uint8Array];
const [DIGEST, OTHER_DIGEST] = vectors.digests.map((digest) => fromHex(digest)) as [Uint8Array, Uint8Array];
const [VOTE] = vectors.votes.map((vote) => fromHex(vote)) as [Uint8Array];
const MODULUS = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;

/** Another encoding of the number in the 48 bytes at `offset`. */
function plusModulus(bytes: Uint8Array, offset: number): Uint8Array {
  const changed = bytes.slice();
  const value = BigInt(toHex(bytes.subarray(offset, offset + 48))) + MODULUS;
  changed.set(fromHex(`0x${value.toString(16).padStart(96, "0")}`, 48), offset);
  return changed;
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

describe("BLS signatures", () => {
  it("equal the vectors that the contracts are tested with", () => {
    expect(blsVectors()).to.deep.equal(vectors);
  });

  it("derive secret keys as EIP-2333 does", () => {
    const cases = [
      [
        "0xc55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
        6083874454709270928345386274498605044986640685124978867557563392430687146096n,
      ],
      [
        "0x3141592653589793238462643383279502884197169399375105820974944592",
        29757020647961307431480504535336562678282505419141012933316116377660817309383n,
      ],
    ] as const;
    for (const [seed, key] of cases) expect(BigInt(toHex(blsKeyFromSeed(fromHex(seed))))).to.equal(key);
  });

  it("tell keys of one seed apart by their info", () => {
    const seed = new Uint8Array(32);
    const keys = [undefined, Uint8Array.of(0), Uint8Array.of(1)].map((info) => toHex(blsKeyFromSeed(seed, info)));
    expect(new Set(keys).size).to.equal(3);
  });

  it("are verified for their key, digest and purpose only", () => {
    const possession = provePossession(DIGEST, SECRET);
    expect(verifyVote(KEY, DIGEST, VOTE)).to.equal(true);
    expect(verifyPossession(KEY, DIGEST, possession)).to.equal(true);
    expect(verifyVote(OTHER_KEY, DIGEST, VOTE)).to.equal(false);
    expect(verifyVote(KEY, OTHER_DIGEST, VOTE)).to.equal(false);
    expect(verifyVote(KEY, DIGEST, possession)).to.equal(false);
    expect(verifyPossession(KEY, DIGEST, VOTE)).to.equal(false);
  });

  it("add up, and so do their keys", () => {
    const { committee, keys, secrets } = vectors;
    expect(verifyVote(fromHex(committee.key), DIGEST, fromHex(committee.signature))).to.equal(true);
    const all = secrets.slice(1).map((secret) => signVote(DIGEST, fromHex(secret)));
    const others = keys.slice(1).map((key) => fromHex(key));
    expect(verifyVote(aggregateKeys(others), DIGEST, aggregateSignatures(all))).to.equal(true);
    expect(verifyVote(fromHex(committee.key), DIGEST, aggregateSignatures(all))).to.equal(false);
  });

  it("pad keys as the precompiles take them", () => {
    const padded = toHex(padBlsKey(KEY));
    const zeros = "0".repeat(32);
    expect(padded).to.equal(`0x${zeros}${toHex(KEY).slice(2, 98)}${zeros}${toHex(KEY).slice(98)}`);
  });

  it("are false for points that are none, have another encoding, or are not in the group", () => {
    const bad = [
      new Uint8Array(256),
      VOTE.subarray(1),
      withByte(VOTE, 255, (VOTE[255] ?? 0) ^ 1),
      withByte(VOTE, 0, 1),
      plusModulus(VOTE, 16),
      plusModulus(VOTE, 208),
      fromHex(vectors.offSubgroup.signature),
    ];
    for (const signature of bad) {
      expect(verifyVote(KEY, DIGEST, signature)).to.equal(false);
      expect(errorCodeOf(() => aggregateSignatures([VOTE, signature]))).to.equal("CRYPTO_BLS_SIGNATURE_INVALID");
    }
  });

  it("refuse keys that are none, have another encoding, or are not in the group", () => {
    const bad = [
      new Uint8Array(96),
      KEY.subarray(1),
      withByte(KEY, 95, (KEY[95] ?? 0) ^ 1),
      plusModulus(KEY, 0),
      plusModulus(KEY, 48),
      fromHex(vectors.offSubgroup.key),
    ];
    for (const key of bad) {
      expect(
        errorCodeOf(() => {
          ensureBlsKey(key);
        }),
      ).to.equal("CRYPTO_BLS_KEY_INVALID");
      expect(errorCodeOf(() => aggregateKeys([KEY, key]))).to.equal("CRYPTO_BLS_KEY_INVALID");
      expect(verifyVote(key, DIGEST, VOTE)).to.equal(false);
    }
    expect(
      errorCodeOf(() => {
        ensureBlsKey(KEY);
      }),
    ).to.equal("none");
    expect(errorCodeOf(() => padBlsKey(KEY.subarray(1)))).to.equal("CRYPTO_BLS_KEY_INVALID");
  });

  it("refuse sums that are the identity", () => {
    const minusKey = KEY.slice();
    const y = MODULUS - BigInt(toHex(KEY.subarray(48)));
    minusKey.set(fromHex(`0x${y.toString(16).padStart(96, "0")}`), 48);
    expect(errorCodeOf(() => aggregateKeys([KEY, minusKey]))).to.equal("CRYPTO_BLS_KEY_INVALID");
    expect(errorCodeOf(() => aggregateKeys([]))).to.equal("CRYPTO_BLS_KEY_INVALID");
    expect(errorCodeOf(() => aggregateSignatures([]))).to.equal("CRYPTO_BLS_SIGNATURE_INVALID");
  });

  it("refuse short seeds, bad secret keys and digests of another length", () => {
    expect(errorCodeOf(() => blsKeyFromSeed(new Uint8Array(31)))).to.equal("CRYPTO_BLS_SEED_SHORT");
    for (const secret of [new Uint8Array(32), new Uint8Array(32).fill(0xff), SECRET.subarray(1)]) {
      expect(errorCodeOf(() => blsPublicKey(secret))).to.equal("CRYPTO_BLS_SECRET_KEY_INVALID");
      expect(errorCodeOf(() => signVote(DIGEST, secret))).to.equal("CRYPTO_BLS_SECRET_KEY_INVALID");
    }
    expect(errorCodeOf(() => signVote(DIGEST.subarray(1), SECRET))).to.equal("CRYPTO_DIGEST_INVALID");
    expect(errorCodeOf(() => verifyVote(KEY, DIGEST.subarray(1), VOTE))).to.equal("CRYPTO_DIGEST_INVALID");
  });
});
