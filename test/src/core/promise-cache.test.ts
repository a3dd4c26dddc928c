import { expect } from "chai";

import { PromiseCache } from "../../../src/core/promise-cache.ts";

describe("promise cache", () => {
  let made: string[];
  let cache: PromiseCache<string, string>;

  beforeEach(() => {
    made = [];
    cache = new PromiseCache(2);
  });

  function get(key: string): Promise<string> {
    return cache.get(key, () => {
      made.push(key);
      return Promise.resolve(key.toUpperCase());
    });
  }

  it("makes a value once, also for those who ask while it is made", async () => {
    expect(await Promise.all([get("a"), get("a")])).to.deep.equal(["A", "A"]);
    await get("a");
    expect(made).to.deep.equal(["a"]);
  });

  it("forgets the value that was asked for longest ago", async () => {
    for (const key of ["a", "b", "a", "c", "a", "b"]) await get(key);
    expect(made).to.deep.equal(["a", "b", "c", "b"]);
  });

  it("makes a value anew after it was told to forget it", async () => {
    await get("a");
    await get("b");
    cache.forget("a");
    for (const key of ["a", "b"]) await get(key);
    expect(made).to.deep.equal(["a", "b", "a"]);
  });

  it("does not keep a failure, nor lets it take a later value away", async () => {
    const failed = cache.get("a", () => Promise.reject(new RangeError("no")));
    await get("b");
    await get("c");
    const later = get("a");
    expect(await failed.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    expect(await later).to.equal("A");
    await get("a");
    expect(made).to.deep.equal(["b", "c", "a"]);
  });
});
