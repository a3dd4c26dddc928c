import { expect } from "chai";

import { toHex } from "../../../src/core/bytes.ts";
import { epochShuffle, initHash, sampleAt, shuffled } from "../../../src/compute/randomness.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };
import { errorCodeOf } from "../../support/error-code.ts";

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

describe("randomness", () => {
  it("visits every sample once an epoch, for any size", () => {
    for (const samples of [1, 2, 3, 10, 12, 64, 97, 1000, 1024]) {
      for (const epoch of [0, 1, 2 ** 31]) {
        const shuffle = epochShuffle(seed, epoch, samples);
        const visited = new Set(Array.from({ length: samples }, (_, i) => shuffled(shuffle, i, samples)));
        expect(visited.size, `${samples} samples`).to.equal(samples);
      }
    }
  });

  it("stays exact with the most samples", () => {
    const samples = 2 ** 26 - 5;
    const { factor, offset } = epochShuffle(seed, 3, samples);
    const index = samples - 1;
    expect(BigInt(shuffled({ factor, offset }, index, samples))).to.equal(
      (BigInt(factor) * BigInt(index) + BigInt(offset)) % BigInt(samples),
    );
  });

  it("changes order from epoch to epoch", () => {
    const order = (epoch: number): number[] =>
      Array.from({ length: 50 }, (_, i) => sampleAt(seed, epoch * 1000 + i, 1000));
    expect(order(0)).not.to.deep.equal(order(1));
  });

  it("refuses sizes out of range", () => {
    for (const samples of [0, -1, 1.5, 2 ** 26 + 1, Number.NaN]) {
      expect(errorCodeOf(() => epochShuffle(seed, 0, samples))).to.equal("COMPUTE_SAMPLES_RANGE");
    }
  });

  it("equals the vectors of the specification", () => {
    const [first, second] = vectors.shuffles;
    expect(epochShuffle(seed, 0, 16_384)).to.deep.equal(first);
    expect(epochShuffle(seed, 1, 60_000)).to.deep.equal(second);
    expect(toHex(initHash(seed, 1, 2))).to.equal(vectors.initHash);
  });
});
