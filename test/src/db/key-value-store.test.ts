import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import type { KeyValueStore } from "../../../src/db/key-value-store.ts";
import { LmdbStore } from "../../../src/db/lmdb-store.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function behavesLikeStore(open: (folder: string) => KeyValueStore): void {
  let folder: string;
  let store: KeyValueStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-db-"));
    store = open(folder);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it("gives back what was committed, as a copy", async () => {
    const value = bytes(1, 2, 3);
    await store.commit([{ key: "a", value }]);
    value[0] = 9;
    const first = store.get("a");
    expect([...(first ?? [])]).to.deep.equal([1, 2, 3]);
    first?.fill(0);
    expect([...(store.get("a") ?? [])]).to.deep.equal([1, 2, 3]);
    expect(store.has("a")).to.equal(true);
    expect(store.get("b")).to.equal(undefined);
    expect(store.has("b")).to.equal(false);
  });

  it("keeps empty and large values", async () => {
    const large = new Uint8Array(262_144).fill(7);
    await store.commit([
      { key: "empty", value: bytes() },
      { key: "large", value: large },
    ]);
    expect(store.get("empty")).to.have.length(0);
    expect(Buffer.compare(store.get("large") ?? bytes(), large)).to.equal(0);
  });

  it("keeps the first of several values for a key, and tells which it was", async () => {
    const kept = await Promise.all([1, 2, 3].map((value) => store.keepFirst("a", bytes(value))));
    expect(kept.map(([value]) => value)).to.deep.equal([1, 1, 1]);
    kept[0]?.fill(9);
    expect([...(await store.keepFirst("a", bytes(4)))]).to.deep.equal([1]);
    await store.commit([{ key: "a", value: undefined }]);
    expect([...(await store.keepFirst("a", bytes(4)))]).to.deep.equal([4]);
  });

  it("lists keys of a prefix in order and removes", async () => {
    await store.commit(["b/2", "a/1", "b/1", "b", "c"].map((key) => ({ key, value: bytes(1) })));
    expect(store.keys("b/")).to.deep.equal(["b/1", "b/2"]);
    await store.commit([
      { key: "b/1", value: undefined },
      { key: "b/3", value: bytes(1) },
    ]);
    expect(store.keys("b/")).to.deep.equal(["b/2", "b/3"]);
    expect(store.keys("")).to.deep.equal(["a/1", "b", "b/2", "b/3", "c"]);
  });
}

describe("MemoryStore", () => {
  behavesLikeStore(() => new MemoryStore());
});

describe("LmdbStore", () => {
  behavesLikeStore((folder) => new LmdbStore(folder));

  it("keeps the first value of several processes at once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "glassbox-db-"));
    const source = new URL("../../../src/db/lmdb-store.ts", import.meta.url).href;
    const script = `
      import { LmdbStore } from ${JSON.stringify(source)};
      const store = new LmdbStore(process.argv[1]);
      const kept = [];
      for (let i = 0; i < 100; i++) kept.push((await store.keepFirst("key/" + i, Uint8Array.of(process.argv[2])))[0]);
      process.stdout.write(kept.join());
      await store.close();`;
    const run = promisify(execFile);
    const racing = ["1", "2", "3"].map((value) =>
      run(process.execPath, ["--input-type=module", "--eval", script, folder, value]),
    );
    const kept = (await Promise.all(racing)).map(({ stdout }) => stdout);
    expect(new Set(kept).size).to.equal(1);
    expect(kept[0]?.split(",")).to.have.length(100);
    rmSync(folder, { recursive: true });
  }).timeout(30_000);

  it("has its values after it was opened again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "glassbox-db-"));
    const first = new LmdbStore(folder);
    await first.commit([{ key: "a", value: bytes(5) }]);
    await first.close();
    await first.close();
    const second = new LmdbStore(folder);
    expect([...(second.get("a") ?? [])]).to.deep.equal([5]);
    await second.close();
    rmSync(folder, { recursive: true });
  });

  it("refuses a path that is no folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "glassbox-db-"));
    const path = join(folder, "file.d");
    writeFileSync(path, "not a database");
    for (const refused of [path, join(path, "below")]) {
      expect(() => new LmdbStore(refused))
        .to.throw()
        .with.property("code", "DB_OPEN_FAILED");
    }
    expect(readFileSync(path, "utf8")).to.equal("not a database");
    expect(readdirSync(folder)).to.deep.equal(["file.d"]);
    rmSync(folder, { recursive: true });
  });

  it("makes a folder even if its name has a dot", async () => {
    const parent = mkdtempSync(join(tmpdir(), "glassbox-db-"));
    const store = new LmdbStore(join(parent, "data.v2"));
    expect(statSync(join(parent, "data.v2")).isDirectory()).to.equal(true);
    await store.close();
    rmSync(parent, { recursive: true });
  });

  it("refuses commits after it was closed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "glassbox-db-"));
    const store = new LmdbStore(folder);
    await store.close();
    const outcome = await store.commit([{ key: "a", value: bytes(1) }]).catch((error: unknown) => error);
    expect(outcome).to.have.property("code", "DB_CLOSED");
    rmSync(folder, { recursive: true });
  });
});
