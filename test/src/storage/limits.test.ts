import { expect } from "chai";

import { SeedRecorder } from "../../../src/storage/seed-recorder.ts";
import { checkShard, holdsShard } from "../../../src/storage/shard.ts";
import { TaskGate } from "../../../src/storage/task-gate.ts";
import { RateLimiter } from "../../../src/worker/rate-limiter.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";

describe("TaskGate", () => {
  it("runs a few at once, lets a few wait, and refuses the rest", async () => {
    const gate = new TaskGate(2, 1);
    const release: (() => void)[] = [];
    const started: number[] = [];
    const task = (id: number) => (): Promise<void> => {
      started.push(id);
      return new Promise((resolve) => release.push(resolve));
    };
    const runs = [0, 1, 2].map((id) => gate.run(task(id)));
    expect(started).to.deep.equal([0, 1]);
    expect(await rejectionCodeOf(() => gate.run(task(3)))).to.equal("STORAGE_BUSY");
    release[0]?.();
    await runs[0];
    expect(started).to.deep.equal([0, 1, 2]);
    release[1]?.();
    release[2]?.();
    await Promise.all(runs);
    await gate.run(() => Promise.resolve());
  });

  it("frees the place of a task that fails", async () => {
    const gate = new TaskGate(1, 0);
    await gate.run(() => Promise.reject(new TypeError("x"))).catch(() => undefined);
    expect(await gate.run(() => Promise.resolve(7))).to.equal(7);
  });
});

describe("RateLimiter", () => {
  it("gives each client its own tokens, and gives them back with time", () => {
    const rate = new RateLimiter(10, 2);
    expect([0, 0, 0].map((now) => rate.allows("a", now))).to.deep.equal([true, true, false]);
    expect(rate.allows("b", 0)).to.equal(true);
    expect(rate.allows("a", 50)).to.equal(false);
    expect(rate.allows("a", 200)).to.equal(true);
  });

  it("stays bounded however many clients there are", () => {
    const rate = new RateLimiter(0, 1);
    expect(rate.allows("first", 0)).to.equal(true);
    for (let i = 0; i < 4_096; i++) rate.allows(String(i), 0);
    expect(rate.allows("first", 0)).to.equal(true);
  });
});

describe("sharding", () => {
  it("serves the segments of its number", () => {
    const shard = { shardId: 1, numShard: 2 };
    checkShard(shard);
    expect([0, 1, 2].map((index) => holdsShard(shard, { startLeaf: 1024 }, index))).to.deep.equal([true, false, true]);
  });

  it("refuses shards that do not exist", async () => {
    for (const [shardId, numShard] of [
      [0, 3],
      [2, 2],
      [-1, 2],
      [0.5, 2],
      [0, 0],
    ] as const) {
      expect(
        await rejectionCodeOf(() => {
          checkShard({ shardId, numShard });
        }),
      ).to.equal("STORAGE_SHARD_INVALID");
    }
  });
});

describe("SeedRecorder", () => {
  it("records a block once for all who ask, and takes another's record as done", async () => {
    const recorded = new Set<number>();
    let calls = 0;
    const seeds = new SeedRecorder({
      isRecorded: (block) => Promise.resolve(recorded.has(block)),
      record: (block) => {
        calls++;
        recorded.add(block);
        return Promise.reject(new TypeError("another was first"));
      },
    });
    expect(await Promise.all([seeds.ensure(5, 9), seeds.ensure(5, 9)])).to.deep.equal([true, true]);
    expect(calls).to.equal(1);
    expect(await seeds.ensure(10, 9)).to.equal(false);
    expect(await seeds.ensure(6, 6 + 256)).to.equal(false);
    expect(await seeds.ensure(5, 5_000)).to.equal(true);
  });
});
