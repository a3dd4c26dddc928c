import { expect } from "chai";
import { poseidon2 } from "poseidon-lite/poseidon2";

import type { GlassboxError } from "../../../src/core/errors.ts";
import { MAX_TWIN_BYTES, poseidonTwin } from "../../../src/proofs/poseidon-twin.ts";

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7 + 3);

describe("poseidonTwin", () => {
  it("gives the vectors of the specification", () => {
    expect(poseidonTwin(counting(256))).to.equal(
      3872892781594072263491585416574365099981068756381116339248680965656233620563n,
    );
    expect(poseidonTwin(counting(768))).to.equal(
      17077144129009634891747668401485950906614404149792210752427432372588194143499n,
    );
    expect(poseidonTwin(counting(2_048))).to.equal(
      12303640909121829891498598778647321347468523826126411596667227736743780740956n,
    );
  });

  it("fills the last leaf with zeros", () => {
    const padded = new Uint8Array(512);
    padded.set(counting(300));
    expect(poseidonTwin(counting(300))).to.equal(poseidonTwin(padded));
    expect(poseidonTwin(Uint8Array.of(5))).to.not.equal(poseidonTwin(Uint8Array.of(6)));
  });

  it("carries an odd leaf up", () => {
    const file = counting(768);
    const leaves = [0, 1, 2].map((i) => poseidonTwin(file.subarray(256 * i, 256 * i + 256)));
    const [first = 0n, second = 0n, third = 0n] = leaves;
    expect(poseidonTwin(file)).to.equal(poseidon2([poseidon2([first, second]), third]));
  });

  it("changes with every byte", () => {
    const file = counting(512);
    const root = poseidonTwin(file);
    for (let at = 0; at < file.length; at += 17) {
      const other = Uint8Array.from(file);
      other[at] = (other[at] as number) ^ 1;
      expect(poseidonTwin(other), `byte ${at}`).to.not.equal(root);
    }
  });

  it("takes files that a contract can recompute", () => {
    for (const length of [0, MAX_TWIN_BYTES + 1]) {
      expect(() => poseidonTwin(new Uint8Array(length)))
        .to.throw()
        .satisfies(({ code }: GlassboxError) => code === "PROOFS_TWIN_LENGTH");
    }
  });
});
