import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { EXP_TABLE_SOURCE, expTableSource } from "../../scripts/exp-table-source.ts";
import { EXP_TABLE_ROOT, expTableFile } from "../../src/compute/exp-table.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";

describe("the table of exponentials in Solidity", () => {
  it("is what its script writes, from the table with the root that programs must have", async () => {
    const committed = await readFile(new URL(`../../${EXP_TABLE_SOURCE}`, import.meta.url), "utf8");
    expect(committed).to.equal(expTableSource());
    expect(fileRoot(expTableFile())).to.equal(EXP_TABLE_ROOT);
  });
});
