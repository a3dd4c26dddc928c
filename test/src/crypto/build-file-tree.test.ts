import { expect } from "chai";

import { buildFileTree } from "../../../src/crypto/build-file-tree.ts";
import { FileTree } from "../../../src/crypto/file-tree.ts";
import { errorCodeOf, rejectionCodeOf } from "../../support/error-code.ts";

const never = new AbortController().signal;
const MIB = 2 ** 20;

function patternFile(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(byteLength / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  return bytes;
}

describe("buildFileTree", () => {
  it("gives the same tree on one thread and on many", async () => {
    for (const byteLength of [1, 5 * MIB + 3, 128 * MIB, 133 * MIB + 300]) {
      const bytes = patternFile(byteLength);
      const expected = new FileTree(bytes);
      const tree = await buildFileTree(bytes, never);
      expect(tree.root, `${byteLength} bytes`).to.equal(expected.root);
      expect(tree.submissionNodes()).to.deep.equal(expected.submissionNodes());
      for (const leaf of [0, Math.floor(tree.leaves / 2), tree.leaves - 1]) {
        expect(tree.openLeaf(leaf).siblings).to.deep.equal(expected.openLeaf(leaf).siblings);
      }
    }
  });

  it("ends its threads when it is aborted", async () => {
    const controller = new AbortController();
    const bytes = patternFile(160 * MIB);
    const building = buildFileTree(bytes, controller.signal);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await building.catch((cause: unknown) => cause)).to.equal(reason);
    expect(process.getActiveResourcesInfo()).not.to.include("MessagePort");
    expect(await buildFileTree(bytes, controller.signal).catch((cause: unknown) => cause)).to.equal(reason);
  });

  it("refuses an empty file", async () => {
    expect(await rejectionCodeOf(() => buildFileTree(new Uint8Array(), never))).to.equal("CRYPTO_FILE_EMPTY");
    expect(errorCodeOf(() => new FileTree(new Uint8Array()))).to.equal("CRYPTO_FILE_EMPTY");
  });
});
