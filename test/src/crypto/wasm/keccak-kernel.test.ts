import { expect } from "chai";
import fc from "fast-check";

import { keccak256 } from "../../../../src/crypto/keccak.ts";
import { hashLeaves, hashPairs } from "../../../../src/crypto/wasm/keccak-kernel.ts";
import { errorCodeOf } from "../../../support/error-code.ts";

const RUNS = { numRuns: 200, seed: 0x61a55 };
/** More than passes through the module at once: 256 leaves, 1,024 pairs. */
const LENGTHS = { leaves: [1, 2, 3, 255, 256, 257, 515], pairs: [1, 2, 3, 1_023, 1_024, 1_025, 2_051] };

function expectedHashes(messages: Uint8Array, messageBytes: number): Uint8Array {
  const hashes = new Uint8Array((messages.length / messageBytes) * 32);
  for (let i = 0; i * messageBytes < messages.length; i++) {
    hashes.set(keccak256(messages.subarray(i * messageBytes, (i + 1) * messageBytes)), i * 32);
  }
  return hashes;
}

function messagesOf(length: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (bytes[i % bytes.length] as number) ^ (i >> 8));
}

describe("keccak kernel against noble", () => {
  it("hashes random leaves and pairs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 256 }), fc.integer({ min: 1, max: 9 }), (bytes, count) => {
        const leaves = messagesOf(256 * count, bytes);
        const hashes = new Uint8Array(32 * count);
        hashLeaves(leaves, hashes);
        expect(hashes).to.deep.equal(expectedHashes(leaves, 256));
        const pairs = leaves.subarray(0, 64 * count);
        hashPairs(pairs, hashes);
        expect(hashes).to.deep.equal(expectedHashes(pairs, 64));
      }),
      RUNS,
    );
  });

  it("hashes runs longer than its memory, odd and even", () => {
    const bytes = Uint8Array.from({ length: 251 }, (_, i) => i);
    for (const count of LENGTHS.leaves) {
      const leaves = messagesOf(256 * count, bytes);
      const hashes = new Uint8Array(32 * count + 32);
      hashLeaves(leaves, hashes);
      expect(hashes.subarray(0, 32 * count), `${count} leaves`).to.deep.equal(expectedHashes(leaves, 256));
      expect(hashes.subarray(32 * count)).to.deep.equal(new Uint8Array(32));
    }
    for (const count of LENGTHS.pairs) {
      const pairs = messagesOf(64 * count, bytes);
      const expected = expectedHashes(pairs, 64);
      hashPairs(pairs, pairs);
      expect(pairs.subarray(0, 32 * count), `${count} pairs in place`).to.deep.equal(expected);
    }
  });

  it("hashes nothing", () => {
    const hashes = new Uint8Array(32);
    hashLeaves(new Uint8Array(), hashes);
    hashPairs(new Uint8Array(), hashes);
    expect(hashes).to.deep.equal(new Uint8Array(32));
  });

  it("refuses other lengths and writes nothing", () => {
    const hashes = new Uint8Array(64);
    const calls = [
      () => {
        hashLeaves(new Uint8Array(255), hashes);
      },
      () => {
        hashPairs(new Uint8Array(96), hashes);
      },
      () => {
        hashPairs(new Uint8Array(192), hashes);
      },
    ];
    for (const call of calls) expect(errorCodeOf(call)).to.equal("CRYPTO_KERNEL_LENGTH");
    expect(hashes).to.deep.equal(new Uint8Array(64));
  });
});
