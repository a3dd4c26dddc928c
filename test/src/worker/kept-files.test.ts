import { expect } from "chai";

import { toHex } from "../../../src/core/bytes.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { KeptFiles } from "../../../src/worker/dispute/kept-files.ts";

describe("kept files", () => {
  const { signal } = new AbortController();
  const files = [new Uint8Array(300).fill(1), new Uint8Array(256), new Uint8Array(255)];
  let store: MemoryStore;
  let asked: number[];
  let isWithheld: boolean;

  const kept = (job = 1n): KeptFiles => {
    const submission = (index: number) => {
      const bytes = files[index]!;
      return Promise.resolve({ root: fileRoot(bytes), byteLength: bytes.length });
    };
    const download = (index: number) => {
      asked.push(index);
      return isWithheld ? Promise.reject(new Error("withheld")) : Promise.resolve(files[index]!);
    };
    return new KeptFiles({ submission }, { download }, store, job);
  };

  beforeEach(() => {
    store = new MemoryStore();
    asked = [];
    isWithheld = false;
  });

  it("are asked for once, also by the next process", async () => {
    await kept().download(0, signal);
    isWithheld = true;
    expect(toHex(await kept().download(0, signal))).to.equal(toHex(files[0]!));
    expect(asked).to.deep.equal([0]);
  });

  it("need not have been in storage", async () => {
    isWithheld = true;
    await kept().keep(files[0]!);
    expect(toHex(await kept().download(0, signal))).to.equal(toHex(files[0]!));
    expect(asked).to.deep.equal([]);
  });

  it("of one root and two lengths are two", async () => {
    expect(fileRoot(files[1]!)).to.equal(fileRoot(files[2]!));
    await kept().keep(files[1]!);
    expect((await kept().download(2, signal)).length).to.equal(255);
  });

  it("of a job are forgotten with it, but for those that another job needs", async () => {
    await kept(1n).download(0, signal);
    await kept(1n).download(1, signal);
    await kept(11n).download(0, signal);
    isWithheld = true;
    await kept(1n).forget();
    expect(toHex(await kept(11n).download(0, signal))).to.equal(toHex(files[0]!));
    expect(asked).to.deep.equal([0, 1]);
    await kept(11n).forget();
    expect(store.keys("")).to.deep.equal([]);
  });

  it("are not kept if they can't be had", async () => {
    isWithheld = true;
    expect(
      await kept()
        .download(0, signal)
        .catch((error: unknown) => (error as Error).message),
    ).to.equal("withheld");
    expect(store.keys("")).to.deep.equal([]);
  });
});
