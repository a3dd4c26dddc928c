import { expect } from "chai";

import { GlassboxError } from "../../../../src/core/errors.ts";
import { LocalPartQueue } from "../../../../src/worker/parts/local-part-queue.ts";
import { MAX_DELIVERIES, type PartOutcome, type PartTask } from "../../../../src/worker/parts/part-queue.ts";
import { expectGlassboxError } from "../../../support/expect-error.ts";
import { partTasks } from "../../../support/part-tasks.ts";

describe("queue of parts in memory", () => {
  const { signal } = new AbortController();
  const tasks = partTasks();
  const [first, second, third] = tasks as [PartTask, PartTask, PartTask];
  const outcome: PartOutcome = { weights: new Uint8Array(256), root: `0x${"11".repeat(32)}` };

  it("hands parts to takers in order, whoever came first", async () => {
    const queue = new LocalPartQueue(2);
    const early = queue.take(signal);
    const results = [queue.submit(first, signal), queue.submit(second, signal)];
    expect((await early).task).to.equal(first);
    const next = await queue.take(signal);
    expect(next.task).to.equal(second);
    await next.give(outcome);
    await (await early).give({ ...outcome, weights: new Uint8Array(512) });
    expect((await results[0]!).weights.length).to.equal(512);
    expect(await results[1]!).to.equal(outcome);
  });

  it("refuses what is too much, and takes more when there is room again", async () => {
    const queue = new LocalPartQueue(2);
    const waiting = [queue.submit(first, signal), queue.submit(second, signal)];
    await expectGlassboxError(queue.submit(third, signal), "usage", "WORKER_BUSY");
    await (await queue.take(signal)).give(outcome);
    await waiting[0];
    const last = queue.submit(third, signal);
    await (await queue.take(signal)).give(outcome);
    await (await queue.take(signal)).give(outcome);
    expect(await Promise.all([waiting[1], last])).to.deep.equal([outcome, outcome]);
  });

  it("gives a part that was left to the next one, and refuses one that everybody leaves", async () => {
    const queue = new LocalPartQueue(1);
    const result = queue.submit(first, signal);
    for (let i = 0; i < MAX_DELIVERIES; i++) {
      const taken = await queue.take(signal);
      expect(taken.task).to.equal(first);
      await taken.release();
      // What was settled once is settled.
      await taken.give(outcome);
    }
    await expectGlassboxError(result, "check", "WORKER_PART_CRASHES");
  });

  it("passes on why a part was refused", async () => {
    const queue = new LocalPartQueue(1);
    const result = queue.submit(first, signal);
    await (await queue.take(signal)).refuse(new GlassboxError("usage", "COMPUTE_PART_RANGE", "no such part"));
    await expectGlassboxError(result, "usage", "COMPUTE_PART_RANGE");
  });

  it("forgets parts that nobody waits for, and takers that went away", async () => {
    const queue = new LocalPartQueue(1);
    const gone = new AbortController();
    const abandoned = queue.submit(first, gone.signal);
    gone.abort();
    expect(await abandoned.catch((error: unknown) => (error as Error).name)).to.equal("AbortError");
    const tired = new AbortController();
    const taker = queue.take(tired.signal);
    tired.abort();
    expect(await taker.catch((error: unknown) => (error as Error).name)).to.equal("AbortError");
    const kept = queue.submit(second, signal);
    await (await queue.take(signal)).give(outcome);
    expect(await kept).to.equal(outcome);
  });

  it("lets nobody wait after it was closed", async () => {
    const queue = new LocalPartQueue(1);
    const waiting = queue.submit(first, signal);
    await queue.close();
    await expectGlassboxError(waiting, "network", "WORKER_QUEUE_CLOSED");
    await expectGlassboxError(queue.submit(second, signal), "network", "WORKER_QUEUE_CLOSED");
    await expectGlassboxError(queue.take(signal), "network", "WORKER_QUEUE_CLOSED");
  });
});
