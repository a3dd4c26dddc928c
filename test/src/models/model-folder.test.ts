import { mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { readModelFolder, writeModelFolder } from "../../../src/models/model-folder.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const MODEL = {
  name: "test",
  program: new Uint8Array(256).fill(1),
  weights: new Uint8Array(512).fill(2),
  input: "bytes",
  classes: ["no", "yes"],
} as const;

describe("a folder with a model", () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), "glassbox-"));
    folder = join(scratch, "new", "model");
    await writeModelFolder(folder, MODEL);
  });
  afterEach(() => rm(scratch, { recursive: true }));

  it("is read as it was written, with the roots of its files", async () => {
    const { description, program, weights } = await readModelFolder(folder);
    expect(Buffer.compare(program, MODEL.program)).to.equal(0);
    expect(Buffer.compare(weights, MODEL.weights)).to.equal(0);
    expect(description).to.deep.equal({
      name: "test",
      programRoot: fileRoot(MODEL.program),
      weightsRoot: fileRoot(MODEL.weights),
      input: "bytes",
      classes: ["no", "yes"],
    });
  });

  it("is refused with another file than it describes", async () => {
    for (const name of ["program", "weights"]) {
      const path = join(folder, name);
      const file = await readFile(path);
      for (const altered of [file.map((byte, i) => byte ^ Number(i === 7)), Buffer.alloc(0)]) {
        await writeFile(path, altered);
        await expectGlassboxError(readModelFolder(folder), "check", "MODELS_FOLDER_INVALID");
      }
      await writeFile(path, file);
    }
    await writeFile(join(folder, "model.json"), "{}");
    await expectGlassboxError(readModelFolder(folder), "check", "MODELS_FOLDER_INVALID");
  });

  it("is refused without one of its files", async () => {
    await unlink(join(folder, "weights"));
    await expectGlassboxError(readModelFolder(folder), "usage", "MODELS_FOLDER_MISSING");
  });
});
