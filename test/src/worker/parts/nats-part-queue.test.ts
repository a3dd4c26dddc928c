import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { expect } from "chai";

import { mlp } from "../../../../src/compute/networks/mlp.ts";
import { runPart, type TrainingJob } from "../../../../src/compute/training.ts";
import { fileRoot } from "../../../../src/crypto/file-tree.ts";
import { createLogger } from "../../../../src/telemetry/logger.ts";
import { NatsLink } from "../../../../src/worker/parts/nats-link.ts";
import { NatsPartQueue } from "../../../../src/worker/parts/nats-part-queue.ts";
import { MAX_DELIVERIES, type PartTask } from "../../../../src/worker/parts/part-queue.ts";
import { startPartRunner, type PartRunner } from "../../../../src/worker/parts/part-runner.ts";
import { expectGlassboxError } from "../../../support/expect-error.ts";
import { MortalThreads } from "../../../support/mortal-threads.ts";
import { NatsServer } from "../../../support/nats-server.ts";
import { partTasks, rootsInOrder, rootsOver } from "../../../support/part-tasks.ts";
import { RunnerProcess } from "../../../support/runner-process.ts";
import { smallJob, smallProgram } from "../../../support/small-training.ts";

const ROUNDS = 3;
const ACK_MS = 1_000;

describe("parts over NATS", function () {
  this.timeout(120_000);

  const { signal } = new AbortController();
  const logger = createLogger("test", "silent");
  const job = smallJob();
  const expected = rootsInOrder(job, ROUNDS);
  const closers: (() => Promise<void>)[] = [];
  let server: NatsServer;
  let front: NatsPartQueue;
  let links = 0;
  let name: string;
  const compute = (task: PartTask) => front.submit(task, signal);

  before(async () => {
    server = await NatsServer.start();
  });
  after(() => server.stop());
  beforeEach(async () => {
    name = `queue-${links++}`;
    front = await open();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function open(): Promise<NatsPartQueue> {
    const link = await NatsLink.connect({ url: `${server.url}/${name}`, ackMs: ACK_MS, logger });
    const queue = new NatsPartQueue(link, logger);
    closers.push(() => queue.close());
    return queue;
  }

  async function raw(): Promise<NatsConnection> {
    const connection = await connect({ servers: new URL(server.url).host });
    closers.push(() => connection.close());
    return connection;
  }

  /** What a machine that only computes has: a connection of its own. */
  async function runner(threads: number, mortal = new MortalThreads()): Promise<PartRunner> {
    const running = startPartRunner({ queue: await open(), threads, logger, startThread: mortal.start });
    closers.push(() => running.close());
    return running;
  }

  for (const count of [1, 2, 3]) {
    it(`gives the same roots with ${count} runners, in whatever order the parts come`, async () => {
      for (let i = 0; i < count; i++) await runner(1);
      expect(await rootsOver(compute, job, ROUNDS, BigInt(count))).to.deep.equal(expected);
    });
  }

  it("gives the same roots when threads end, and when a runner leaves and another one comes", async () => {
    const first = await runner(2, new MortalThreads(2));
    const roots = rootsOver(compute, job, ROUNDS, 4n);
    await first.close();
    await runner(1);
    expect(await roots).to.deep.equal(expected);
  });

  it("gives the same roots when a runner's process is killed in the middle of a part", async () => {
    const slow = smallJob(smallProgram({ stepsPerPart: 2_000 }));
    const killed = new RunnerProcess(`${server.url}/${name}`);
    closers.push(() => killed.kill());
    const roots = rootsOver((task) => front.submit(task, signal), slow, 2, 5n);
    await killed.begun();
    await killed.kill();
    const next = new RunnerProcess(`${server.url}/${name}`);
    closers.push(() => next.kill());
    expect(await roots).to.deep.equal(rootsInOrder(slow, 2));
    expect(await next.stop()).to.equal(0);
  });

  it("gives a part that a dead runner had taken to another one", async () => {
    const dead = await open();
    const roots = rootsOver(compute, job, ROUNDS, 5n);
    const taken = await dead.take(signal);
    expect(taken.task.round).to.equal(0);
    await dead.close();
    await runner(1);
    expect(await roots).to.deep.equal(expected);
  });

  it("gives the same roots when the server is killed and comes back", async () => {
    await runner(2);
    const roots = rootsOver(
      async (task) => {
        if (task.round === 1 && task.part === 0) {
          const result = compute(task);
          await server.kill();
          await server.resume();
          return result;
        }
        return compute(task);
      },
      job,
      ROUNDS,
      6n,
    );
    expect(await roots).to.deep.equal(expected);
  });

  it("gives the same roots when the server loses all that it had", async () => {
    await runner(1);
    const [task] = partTasks(job) as [PartTask];
    await compute(task);
    await server.kill();
    await server.wipe();
    await server.resume();
    expect(await rootsOver(compute, job, ROUNDS, 7n)).to.deep.equal(expected);
  });

  it("takes weights that are larger than a message may be", async () => {
    const large = largeJob();
    await runner(1);
    const [task] = partTasks(large) as [PartTask];
    expect(task.start.length).to.be.greaterThan(2 * 2 ** 20);
    const { weights, root } = await compute(task);
    expect(root).to.equal(fileRoot(weights));
    expect(Buffer.compare(weights, runPart(large, task.start, 0, 0))).to.equal(0);
  });

  it("computes a part once for whoever asks for it meanwhile, and keeps nothing of it afterwards", async () => {
    const [task] = partTasks(job) as [PartTask];
    const asked = [compute(task), compute(task)];
    await runner(1);
    const [first, second] = await Promise.all(asked);
    expect(second).to.equal(first);
    const connection = await raw();
    const { state } = await (await jetstreamManager(connection)).streams.info(`${name}-results`);
    expect(state.messages).to.equal(0);
    const files = await (await new Objm(connection).open(`${name}-weights`)).list();
    expect(files.map((file) => file.name)).to.deep.equal([task.startRoot]);
  });

  it("passes on what computing refuses, and asks again later", async () => {
    await runner(1);
    const [task] = partTasks(job) as [PartTask];
    for (let i = 0; i < 2; i++) {
      await expectGlassboxError(compute({ ...task, part: 3 }), "usage", "COMPUTE_PART_RANGE");
    }
    expect(await rootsOver(compute, job, ROUNDS, 8n)).to.deep.equal(expected);
  });

  it("refuses a part that ends every thread, and goes on with others", async () => {
    await runner(1, new MortalThreads(MAX_DELIVERIES));
    const [first, second] = partTasks(job) as [PartTask, PartTask];
    await expectGlassboxError(compute(first), "check", "WORKER_PART_CRASHES");
    expect(Buffer.compare((await compute(second)).weights, runPart(job, second.start, 0, 1))).to.equal(0);
  });

  it("does not take what has the wrong root, nor messages that are no parts", async () => {
    const liar = await open();
    await jetstream(await raw()).publish(`${name}.part.${"0".repeat(64)}`, "not a part");
    const [task] = partTasks(job) as [PartTask];
    const result = compute(task);
    const taken = await liar.take(signal);
    expect(taken.task.startRoot).to.equal(task.startRoot);
    await taken.give({ weights: new Uint8Array(512), root: task.startRoot.replace(/^0x./, "0x0") as `0x${string}` });
    await runner(1);
    expect(Buffer.compare((await result).weights, runPart(job, task.start, 0, 0))).to.equal(0);
  });

  it("stops waiting when it is told to, also while the server is away", async () => {
    const [task] = partTasks(job) as [PartTask];
    const stop = new AbortController();
    const waiting = [front.submit(task, stop.signal), front.take(stop.signal)];
    await server.kill();
    stop.abort();
    const names = await Promise.all(waiting.map((one) => one.catch((error: unknown) => (error as Error).name)));
    expect(names).to.deep.equal(["AbortError", "AbortError"]);
    await server.resume();
  });

  it("says when there is no server, or the URL names none", async () => {
    const connecting = (url: string) => NatsLink.connect({ url, logger });
    await expectGlassboxError(connecting("nats://127.0.0.1:9"), "network", "WORKER_QUEUE_UNREACHABLE");
    for (const url of ["http://127.0.0.1:4222", "127.0.0.1:4222", `${server.url}/a.b`, `${server.url}/a/b`]) {
      await expectGlassboxError(connecting(url), "usage", "WORKER_QUEUE_URL");
    }
  });
});

/** A job whose weights do not fit into a message of a NATS server. */
function largeJob(): TrainingJob {
  const outer = { clamp: 10_741, initMultiplier: 40_000, shift: 12, gradientShift: 0, updateShift: 12 };
  const inner = { clamp: 40, initMultiplier: 500, shift: 8, gradientShift: 13, updateShift: 8 };
  const layers = [outer, inner, { ...inner, clamp: 5_000 }];
  return smallJob(mlp([12, 1_024, 1_024, 3], { parts: 1, batch: 4, stepsPerPart: 1, layers }));
}
