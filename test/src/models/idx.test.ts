import { expect } from "chai";

import { parseIdx } from "../../../src/models/idx.ts";
import { readMnist } from "../../../src/models/mnist.ts";

const HEADER = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3];

describe("parseIdx", () => {
  it("reads dimensions and data, wherever the bytes lie", () => {
    const file = Uint8Array.from([9, ...HEADER, 1, 2, 3, 4, 5, 6]).subarray(1);
    expect(parseIdx(file)).to.deep.equal({ dimensions: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  const invalid: Record<string, number[]> = {
    "an empty file": [],
    "a cut header": HEADER.slice(0, 10),
    "a cut magic number": [0, 0, 8],
    "no dimensions": [0, 0, 8, 0],
    "another element type": [0, 0, 0x0d, ...HEADER.slice(3), 1, 2, 3, 4, 5, 6],
    "another magic number": [1, ...HEADER.slice(1), 1, 2, 3, 4, 5, 6],
    "missing data": [...HEADER, 1, 2, 3, 4, 5],
    "surplus data": [...HEADER, 1, 2, 3, 4, 5, 6, 7],
    "a compressed file": [0x1f, 0x8b, 8, 0],
  };
  for (const [name, bytes] of Object.entries(invalid)) {
    it(`refuses ${name}`, () => {
      expect(() => parseIdx(Uint8Array.from(bytes)))
        .to.throw()
        .with.property("code", "MODELS_IDX_INVALID");
    });
  }
});

describe("readMnist", () => {
  it("has 60,000 digits to train on and 10,000 held out", async () => {
    const train = await readMnist("train");
    expect(train.count).to.equal(60_000);
    expect(train.samples.length).to.equal(60_000 * 784);
    expect(Array.from(train.labels.subarray(0, 8))).to.deep.equal([5, 0, 4, 1, 9, 2, 1, 3]);
    expect(Math.max(...train.labels)).to.equal(9);
    const test = await readMnist("test");
    expect(test.count).to.equal(10_000);
    expect(Array.from(test.labels.subarray(0, 8))).to.deep.equal([7, 2, 1, 0, 4, 1, 4, 9]);
  });

  it("reads as many as asked for, and no more than there are", async () => {
    expect((await readMnist("test", 3)).samples.length).to.equal(3 * 784);
    for (const count of [0, -1, 1.5, 10_001]) {
      const error = await readMnist("test", count).catch((reason: unknown) => reason);
      expect(error).to.have.property("code", "MODELS_MNIST_RANGE");
    }
  });
});
