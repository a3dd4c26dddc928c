import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import {
  buildPoseidon,
  checkPoseidon,
  POSEIDON_CONSTANTS,
  WIDE_POSEIDON_CONSTANTS,
} from "../../scripts/poseidon-parameters.ts";
import { rejectionCodeOf } from "../support/error-code.ts";

const PATHS = [POSEIDON_CONSTANTS, WIDE_POSEIDON_CONSTANTS];

describe("Poseidon's numbers", () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "glassbox-poseidon-"));
    for (const path of PATHS) await cp(path, join(root, path), { recursive: true });
  });

  after(() => rm(root, { recursive: true, force: true }));

  it("in the contracts are those that the parameters give", async () => {
    await checkPoseidon(".");
  });

  for (const file of PATHS) {
    it(`of ${file} are stale after a change, until they are drawn again`, async () => {
      const path = join(root, file);
      const committed = await readFile(path, "utf8");
      await writeFile(
        path,
        committed.replace(/hex"(.)/, (_, digit: string) => `hex"${digit === "0" ? "1" : "0"}`),
      );
      expect(await rejectionCodeOf(() => checkPoseidon(root))).to.equal("POSEIDON_STALE");
      await buildPoseidon(root);
      expect(await readFile(path, "utf8")).to.equal(committed);
    });
  }
});
