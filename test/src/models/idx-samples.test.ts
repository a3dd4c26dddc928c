import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";

import { expect } from "chai";

import { readIdxSamples } from "../../../src/models/idx-samples.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

describe("a folder in the format of MNIST", () => {
  let path: string;
  let folder: URL;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), "glassbox-"));
    folder = pathToFileURL(path + sep);
    await writeFile(
      join(path, "train-images-idx3-ubyte"),
      Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6),
    );
    await writeFile(join(path, "train-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 0, 4, 1));
  });
  afterEach(() => rm(path, { recursive: true }));

  it("is read with its lengths and classes", async () => {
    expect(await readIdxSamples(folder, "train")).to.deep.equal({
      count: 3,
      sampleBytes: 2,
      classes: 5,
      samples: Buffer.of(1, 2, 3, 4, 5, 6),
      labels: Buffer.of(0, 4, 1),
    });
  });

  it("is refused without a file, or with another number of labels", async () => {
    await expectGlassboxError(readIdxSamples(folder, "test"), "usage", "MODELS_SAMPLES_MISSING");
    await writeFile(join(path, "train-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 4));
    await expectGlassboxError(readIdxSamples(folder, "train"), "usage", "MODELS_SAMPLES_INVALID");
  });
});
