import { expect } from "chai";

import { IRIS_CLASSES, IRIS_SAMPLE_BYTES, readIris } from "../../../src/models/iris.ts";

describe("the Iris flowers", () => {
  it("are 120 to train on and 30 held out, as many of each species", () => {
    for (const [split, ofEach] of [
      ["train", 40],
      ["test", 10],
    ] as const) {
      const { count, samples, labels } = readIris(split);
      expect(count).to.equal(IRIS_CLASSES * ofEach);
      expect(samples.length).to.equal(count * IRIS_SAMPLE_BYTES);
      for (let species = 0; species < IRIS_CLASSES; species++) {
        expect(labels.filter((label) => label === species).length).to.equal(ofEach);
      }
    }
  });

  it("are quantised between round numbers, with a column for the bias in front", () => {
    const { samples } = readIris("train");
    // 5.1, 3.5, 1.4 and 0.2 cm.
    expect([...samples.subarray(0, IRIS_SAMPLE_BYTES)]).to.deep.equal([0, 70, 153, 17, 20]);
  });
});
