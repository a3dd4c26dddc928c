import { expect } from "chai";

import { runPart } from "../../../../src/compute/training.ts";
import { fileRoot } from "../../../../src/crypto/file-tree.ts";
import { createLogger } from "../../../../src/telemetry/logger.ts";
import { LocalPartQueue } from "../../../../src/worker/parts/local-part-queue.ts";
import type { PartTask } from "../../../../src/worker/parts/part-queue.ts";
import { startPartRunner, type PartRunner } from "../../../../src/worker/parts/part-runner.ts";
import { Dice } from "../../../support/dice.ts";
import { expectGlassboxError } from "../../../support/expect-error.ts";
import { MortalThreads } from "../../../support/mortal-threads.ts";
import { partTasks, rootsInOrder, rootsOver, shuffled } from "../../../support/part-tasks.ts";
import { smallJob, smallProgram } from "../../../support/small-training.ts";

const ROUNDS = 3;

describe("parts on threads", function () {
  this.timeout(60_000);

  const { signal } = new AbortController();
  const logger = createLogger("test", "silent");
  const job = smallJob();
  const expected = rootsInOrder(job, ROUNDS);
  let queue: LocalPartQueue;
  let threads: MortalThreads;
  let runner: PartRunner | undefined;
  const compute = (task: PartTask) => queue.submit(task, signal);

  beforeEach(() => {
    queue = new LocalPartQueue(16);
    threads = new MortalThreads();
  });
  afterEach(async () => {
    await runner?.close();
    runner = undefined;
    await queue.close();
  });

  function run(count: number): void {
    runner = startPartRunner({ queue, threads: count, logger, startThread: threads.start });
  }

  for (const count of [1, 2, 3]) {
    it(`gives the same roots with ${count} of them, in whatever order the parts come`, async () => {
      run(count);
      for (const seed of [1n, 2n]) expect(await rootsOver(compute, job, ROUNDS, seed)).to.deep.equal(expected);
      expect(threads.started).to.equal(count);
    });
  }

  it("gives the same roots in whatever order the parts end", async () => {
    const dice = new Dice(7n);
    const { parts } = job.program;
    const serving = (async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const taken = await Promise.all(Array.from({ length: parts }, () => queue.take(signal)));
        for (const one of shuffled(taken, dice)) {
          const { start, round: at, part } = one.task;
          const weights = runPart(job, start, at, part);
          await one.give({ weights, root: fileRoot(weights) });
        }
      }
    })();
    expect(await rootsOver(compute, job, ROUNDS, 3n)).to.deep.equal(expected);
    await serving;
  });

  it("gives the same roots when threads end in the middle of parts", async () => {
    threads = new MortalThreads(3);
    run(2);
    expect(await rootsOver(compute, job, ROUNDS, 4n)).to.deep.equal(expected);
    expect(threads.started).to.equal(5);
    threads.doom();
    expect(await rootsOver(compute, job, ROUNDS, 5n)).to.deep.equal(expected);
    expect(threads.started).to.equal(6);
  });

  it("refuses a part that ends every thread, and goes on with others", async () => {
    threads = new MortalThreads(4);
    run(1);
    const [first, second] = partTasks(job) as [PartTask, PartTask];
    await expectGlassboxError(compute(first), "check", "WORKER_PART_CRASHES");
    const { weights } = await compute(second);
    expect(Buffer.compare(weights, runPart(job, second.start, 0, 1))).to.equal(0);
  });

  it("passes on what computing refuses, and goes on", async () => {
    run(1);
    const [task] = partTasks(job) as [PartTask];
    await expectGlassboxError(compute({ ...task, part: 3 }), "usage", "COMPUTE_PART_RANGE");
    await expectGlassboxError(compute({ ...task, start: new Uint8Array(256) }), "usage", "TENSOR_SET_MISMATCH");
    expect(await rootsOver(compute, job, ROUNDS, 6n)).to.deep.equal(expected);
    expect(threads.started).to.equal(1);
  });

  it("keeps the jobs of each thread apart, also more of them than it keeps ready", async () => {
    run(2);
    const jobs = Array.from({ length: 6 }, (_, seed) => ({
      ...smallJob(smallProgram({ stepsPerPart: 1 + (seed % 2) })),
      seed: new Uint8Array(32).fill(seed),
    }));
    const roots = jobs.map((one) => rootsInOrder(one, 2));
    for (let turn = 0; turn < 2; turn++) {
      const over = await Promise.all(jobs.map((one, i) => rootsOver(compute, one, 2, BigInt(i))));
      expect(over).to.deep.equal(roots);
    }
  });

  it("finishes the parts that were begun before it ends", async () => {
    run(1);
    const [task] = partTasks(job) as [PartTask];
    const result = compute(task);
    const waiting = compute({ ...task, part: 1 });
    await runner?.close();
    expect(Buffer.compare((await result).weights, runPart(job, task.start, 0, 0))).to.equal(0);
    run(1);
    expect((await waiting).weights.length).to.equal(task.start.length);
  });
});
