import { expect } from "chai";
import { poseidon16 } from "poseidon-lite/poseidon16";

import { GlassboxError } from "../../../src/core/errors.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";

const zeros = (count: number): bigint[] => Array<bigint>(count).fill(0n);

describe("inputHash", () => {
  it("packs bytes little-endian behind their number", () => {
    expect(inputHash(Uint8Array.of(1, 2))).to.equal(poseidon16([2n, 513n, ...zeros(14)]));
  });

  it("starts a new element after 31 bytes and a new block after 15 elements", () => {
    const bytes = new Uint8Array(466).fill(1, 465);
    expect(inputHash(bytes)).to.equal(poseidon16([poseidon16([466n, ...zeros(15)]), 1n, ...zeros(14)]));
  });

  it("keeps its vectors of docs/spec/proofs.md", () => {
    const counting = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
    expect(inputHash(Uint8Array.of(0))).to.equal(
      10659864399639160099297713725517288195666531467380171834853272074339615326416n,
    );
    expect(inputHash(counting)).to.equal(
      20925322234380825158982940458908269590016072732033486175851580793880352601707n,
    );
  });

  it("refuses no bytes", () => {
    expect(() => inputHash(new Uint8Array(0)))
      .to.throw(GlassboxError)
      .with.property("code", "PROOFS_INPUT_EMPTY");
  });
});
