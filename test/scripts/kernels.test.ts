import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { buildKernels, checkKernels } from "../../scripts/kernel-modules.ts";
import { rejectionCodeOf } from "../support/error-code.ts";

const SOURCE = "src/crypto/wasm/assembly/keccak.ts";
const GENERATED = "src/crypto/wasm/generated/keccak.ts";

describe("kernel modules", () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "glassbox-kernels-"));
    const isKernel = (path: string): boolean => !/\.ts$/.test(path) || /wasm\//.test(path);
    await cp("src", join(root, "src"), { recursive: true, filter: isKernel });
  });

  after(() => rm(root, { recursive: true, force: true }));

  it("are what their sources compile to", async () => {
    await checkKernels(".");
  });

  it("are stale after a change of a source, until they are built", async () => {
    const committed = await readFile(join(root, GENERATED), "utf8");
    await writeFile(join(root, SOURCE), `${await readFile(SOURCE, "utf8")}\nexport const EXTRA: i32 = 1;\n`);
    expect(await rejectionCodeOf(() => checkKernels(root))).to.equal("KERNELS_STALE");
    expect(await readFile(join(root, GENERATED), "utf8")).to.equal(committed);
    await buildKernels(root);
    await checkKernels(root);
  });
});
