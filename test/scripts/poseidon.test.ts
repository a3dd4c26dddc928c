import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { buildPoseidon, checkPoseidon, POSEIDON_CONSTANTS } from "../../scripts/poseidon-parameters.ts";
import { rejectionCodeOf } from "../support/error-code.ts";

describe("Poseidon's numbers", () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "glassbox-poseidon-"));
    await cp(POSEIDON_CONSTANTS, join(root, POSEIDON_CONSTANTS), { recursive: true });
  });

  after(() => rm(root, { recursive: true, force: true }));

  it("in the contract are those that the parameters give", async () => {
    await checkPoseidon(".");
  });

  it("are stale after a change, until they are drawn again", async () => {
    const path = join(root, POSEIDON_CONSTANTS);
    const committed = await readFile(path, "utf8");
    await writeFile(
      path,
      committed.replace(/hex"(.)/, (_, digit: string) => `hex"${digit === "0" ? "1" : "0"}`),
    );
    expect(await rejectionCodeOf(() => checkPoseidon(root))).to.equal("POSEIDON_STALE");
    await buildPoseidon(root);
    expect(await readFile(path, "utf8")).to.equal(committed);
  });
});
