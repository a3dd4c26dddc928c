import { expect } from "chai";
import fc from "fast-check";

import { FileHasher } from "../../../src/crypto/file-hasher.ts";
import { FileTree } from "../../../src/crypto/file-tree.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const SEGMENT = 262_144;
const RUNS = { seed: 0x61a55 };

function patternFile(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + 7 + (i >> 8)) & 255);
}

function rootInPieces(bytes: Uint8Array, lengths: readonly number[]): string {
  const hasher = new FileHasher();
  let at = 0;
  for (const length of lengths) {
    hasher.update(bytes.subarray(at, at + length));
    at += length;
  }
  hasher.update(bytes.subarray(at));
  return hasher.root();
}

describe("FileHasher", () => {
  it("gives the tree's root for every number of leaves in and around small trees", () => {
    for (let leaves = 1; leaves <= 300; leaves++) {
      const bytes = patternFile(256 * leaves - (leaves % 3));
      expect(rootInPieces(bytes, []), `${leaves} leaves`).to.equal(new FileTree(bytes).root);
    }
  });

  it("gives the tree's root around whole segments and their padding", () => {
    for (const segments of [1, 2, 3, 16, 17, 20]) {
      for (const more of [-257, -256, -1, 0, 1, 256, 257, 70_000]) {
        const bytes = patternFile(segments * SEGMENT + more);
        expect(rootInPieces(bytes, []), `${bytes.length} bytes`).to.equal(new FileTree(bytes).root);
      }
    }
  });

  it("takes bytes in pieces of any length", () => {
    const bytes = patternFile(600_001);
    const { root } = new FileTree(bytes);
    const length = fc.oneof(fc.nat(600), fc.nat(300_000), fc.constantFrom(0, 1, 255, 256, 257, SEGMENT));
    fc.assert(
      fc.property(fc.array(length, { maxLength: 12 }), (lengths) => {
        expect(rootInPieces(bytes, lengths)).to.equal(root);
      }),
      RUNS,
    );
  });

  it("gives the root at any time and goes on", () => {
    const bytes = patternFile(300_000);
    const hasher = new FileHasher();
    for (let at = 0; at < bytes.length; at += 12_345) {
      hasher.update(bytes.subarray(at, at + 12_345));
      expect(hasher.root()).to.equal(new FileTree(bytes.subarray(0, at + 12_345)).root);
    }
  });

  it("refuses an empty file", () => {
    expect(errorCodeOf(() => new FileHasher().root())).to.equal("CRYPTO_FILE_EMPTY");
    expect(errorCodeOf(() => rootInPieces(new Uint8Array(), [0]))).to.equal("CRYPTO_FILE_EMPTY");
  });
});
