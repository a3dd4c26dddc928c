import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { expect } from "chai";

import { fromHex } from "../../../src/core/bytes.ts";
import { addressOfSecretKey } from "../../../src/crypto/address.ts";
import { type SignedDigest, recoverSigner, signDigest, verifySignatures } from "../../../src/crypto/signature.ts";

const GROUP = secp256k1.Point.Fn;
const KEY = sha256(Uint8Array.of(1));
const SIGNER = addressOfSecretKey(KEY);

function signed(count: number, key = KEY): SignedDigest[] {
  return Array.from({ length: count }, (_, i) => {
    const digest = sha256(Uint8Array.of(i & 0xff, i >> 8));
    return { digest, signature: signDigest(digest, key) };
  });
}

function wordOf(value: bigint): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, "0")}`);
}

/** The other signature of the same digest and key, which contracts refuse. */
function malleated({ digest, signature }: SignedDigest): SignedDigest {
  const changed = signature.slice();
  const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`);
  changed.set(wordOf(GROUP.ORDER - s), 32);
  changed[64] = 55 - Number(signature[64]);
  return { digest, signature: changed };
}

function withByte({ digest, signature }: SignedDigest, at: number, value: number): SignedDigest {
  const changed = signature.slice();
  changed[at] = value;
  return { digest, signature: changed };
}

describe("verifySignatures", () => {
  it("accepts what the signer signed, with and without tables", () => {
    for (const count of [0, 1, 300]) {
      const items = signed(count);
      expect(verifySignatures(SIGNER, items)).to.deep.equal(items.map(() => true));
    }
  });

  it("agrees with recovering on every kind of bad signature", () => {
    const good = signed(300);
    const [first, second] = good as [SignedDigest, SignedDigest];
    const stranger = signed(1, sha256(Uint8Array.of(2)))[0] as SignedDigest;
    const zeroPoint = (() => {
      // h + r d = 0 makes R the point at infinity; only the signer can build it.
      const r = 12345n;
      const h = GROUP.neg(GROUP.mul(r, BigInt(`0x${Buffer.from(KEY).toString("hex")}`)));
      const signature = new Uint8Array(65);
      signature.set(wordOf(r));
      signature.set(wordOf(1n), 32);
      signature[64] = 27;
      return { digest: wordOf(h), signature };
    })();
    const bad: SignedDigest[] = [
      { digest: second.digest, signature: first.signature },
      malleated(first),
      withByte(first, 0, Number(first.signature[0]) ^ 1),
      withByte(first, 40, Number(first.signature[40]) ^ 1),
      withByte(first, 64, 55 - Number(first.signature[64])),
      withByte(first, 64, Number(first.signature[64]) - 27),
      withByte(first, 64, 29),
      { digest: first.digest, signature: new Uint8Array(65) },
      { digest: first.digest, signature: new Uint8Array(65).fill(0xff) },
      { digest: first.digest, signature: first.signature.subarray(0, 64) },
      { digest: first.digest.subarray(0, 31), signature: first.signature },
      zeroPoint,
      stranger,
    ];
    const verdicts = verifySignatures(SIGNER, [...bad, ...good]);
    expect(verdicts).to.deep.equal([...bad.map(() => false), ...good.map(() => true)]);
    for (const { digest, signature } of bad) expect(recoverSigner(digest, signature)).not.to.equal(SIGNER);
    for (const { digest, signature } of good.slice(0, 20)) expect(recoverSigner(digest, signature)).to.equal(SIGNER);
  });

  it("refuses everything when nothing is by the signer", () => {
    expect(verifySignatures(SIGNER, signed(3, sha256(Uint8Array.of(2))))).to.deep.equal([false, false, false]);
  });

  it("signs only 32 bytes", () => {
    expect(() => signDigest(new Uint8Array(31), KEY))
      .to.throw()
      .with.property("code", "CRYPTO_DIGEST_INVALID");
  });
});
