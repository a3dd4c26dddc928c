import { readFile } from "node:fs/promises";

import { expect } from "chai";

import type { Child } from "../../src/cli/network/child.ts";
import { workerUrl } from "../../src/cli/network/command-process.ts";
import type { Hex } from "../../src/core/bytes.ts";
import { developmentKey } from "../../src/crypto/development-keys.ts";
import type { CoordinatorEvent } from "../../src/worker/coordinator.ts";
import { startLyingWorker } from "../support/lying-worker.ts";
import { freePort } from "../../src/cli/network/local-chain.ts";
import { NatsServer } from "../support/nats-server.ts";
import { openSmallJob, type SmallNetwork, startCoordinator, startSmallNetwork } from "../support/small-network.ts";

const ROUNDS = 4;
const CLAIM_MS = 120_000;
const JOB_CLAIMED = 2n;

describe("training by processes that come and go", function () {
  this.timeout(360_000);

  let small: SmallNetwork;
  let stop: SmallNetwork["stop"] | undefined;
  /** Weights and trace of the job with a single worker; the jobs differ in nothing else. */
  let alone: { weightsRoot: Hex; traceRoot: Hex };
  let liar: Awaited<ReturnType<typeof startLyingWorker>> | undefined;

  before(async () => {
    small = await startSmallNetwork({ storageWorkers: 1, computeWorkers: 3 });
    stop = small.stop;
    for (const worker of small.network.computeWorkers.slice(1)) await worker.process.kill();
  });

  after(async () => {
    await liar?.close();
    await stop?.();
  });

  it("claims a result with one worker", async () => {
    alone = await claimOf(startCoordinator(small, await openSmallJob(small, ROUNDS, 1)));
  });

  it("claims the same with two workers", async () => {
    await small.network.restart(small.network.computeWorkers[1]!);
    const claim = await claimOf(startCoordinator(small, await openSmallJob(small, ROUNDS, 2)));
    expect(claim).to.deep.equal(alone);
  });

  it("claims the same with three workers of which one is killed in the middle and replaced", async () => {
    const killed = small.network.computeWorkers[2]!;
    await small.network.restart(killed);
    const coordinator = startCoordinator(small, await openSmallJob(small, ROUNDS, 3));
    await roundOf(coordinator, 1);
    await killed.process.kill();
    await roundOf(coordinator, 2);
    await small.network.restart(killed);
    expect(await claimOf(coordinator)).to.deep.equal(alone);
  });

  it("claims the same if the coordinator is killed in the middle and started again", async () => {
    const jobId = await openSmallJob(small, ROUNDS, 3);
    const first = startCoordinator(small, jobId);
    await roundOf(first, 2);
    await first.kill();
    expect(await claimOf(startCoordinator(small, jobId))).to.deep.equal(alone);
  });

  it("claims the same if another operator takes over from a coordinator that is gone, without its journal", async () => {
    const { chain, contracts, computeWorkers } = small.network;
    const jobId = await openSmallJob(small, ROUNDS, 3);
    const first = startCoordinator(small, jobId);
    await roundOf(first, 2);
    const standby = startCoordinator(small, jobId, computeWorkers[0]!.role);
    await first.kill();
    const { params } = await contracts.JobRegistry.job(jobId);
    await chain.passSeconds(Number(params.leaseSeconds) + 1);
    expect(await claimOf(standby)).to.deep.equal(alone);
    const { claim } = await contracts.JobRegistry.job(jobId);
    expect(claim.author).to.equal((await small.network.sender(computeWorkers[0]!.role)).address);
  });

  it("claims the same with a worker whose parts are computed by a machine that holds no key", async () => {
    const { network, stage } = small;
    for (const worker of network.computeWorkers) await worker.process.kill();
    const nats = await NatsServer.start();
    try {
      const { role, port, dataFolder } = network.computeWorkers[0]!;
      const where = ["--data", dataFolder, "--port", String(port), "--dev-account", String(role)];
      const status = `127.0.0.1:${await freePort()}`;
      const queue = ["--queue", nats.url, "--parts", "2", "--metrics", status];
      const front = network.start("front", ["compute", "worker", ...where, ...queue]);
      await workerUrl(front, stage.signal);
      const runner = network.start("runner", ["compute", "runner", "--queue", nats.url, "--threads", "2"]);
      const coordinator = startCoordinator(small, await openSmallJob(small, ROUNDS, 1));
      await roundOf(coordinator, 1);
      await runner.kill();
      network.start("next-runner", ["compute", "runner", "--queue", nats.url]);
      expect(await claimOf(coordinator)).to.deep.equal(alone);
      const metrics = await (await fetch(`http://${status}/metrics`)).text();
      expect(metrics).to.match(/^glassbox_parts_signed_total\{source="computed"\} 12$/m);
      const health = await fetch(`http://${status}/health`);
      expect(await health.json()).to.deep.equal({ status: "ok", checks: { chain: "ok", queue: "ok" } });
      await front.stop();
      expect(await front.exit()).to.equal(0);
    } finally {
      await nats.stop();
    }
  });

  it("does not publish what a watcher computed otherwise", async () => {
    const { network, storage } = small;
    const { contracts, chain, book } = network;
    for (const worker of network.computeWorkers) await worker.process.kill();
    const { role, url } = network.computeWorkers[0]!;
    const sender = await network.sender(role);
    const secretKey = developmentKey(book.chainId, role);
    const operator = { address: sender.address as Hex, secretKey };
    liar = await startLyingWorker({ contracts, files: storage, operator, url });
    const jobId = await openSmallJob(small, ROUNDS, 0);
    await sender.send(contracts.JobRegistry.join.populateTransaction(jobId));

    const coordinator = startCoordinator(small, jobId);
    const claim = await claimEventOf(coordinator);
    expect(claim.weightsRoot).to.not.equal(alone.weightsRoot);
    const { params } = await contracts.JobRegistry.job(jobId);
    await chain.passSeconds(Number(params.claimWindowSeconds) + 1);

    expect(await coordinator.exit()).to.equal(5);
    expect(await readFile(coordinator.logPath, "utf8")).to.contain('"code":"WORKER_WATCHER_MISMATCH"');
    expect((await contracts.JobRegistry.job(jobId)).status).to.equal(JOB_CLAIMED);
    expect(await contracts.ModelRegistry.versionCount()).to.equal(0n);
  });

  async function roundOf(coordinator: Child, round: number): Promise<void> {
    const reached = (event: CoordinatorEvent) => event.event === "round" && event.round === round;
    await coordinator.ready((line) => (reached(eventOf(line)) ? true : undefined), CLAIM_MS, small.stage.signal);
  }

  async function claimEventOf(coordinator: Child): Promise<{ weightsRoot: Hex; traceRoot: Hex }> {
    const claimed = (line: string) => {
      const event = eventOf(line);
      return event.event === "claimed" ? event : undefined;
    };
    const { weightsRoot, traceRoot } = await coordinator.ready(claimed, CLAIM_MS, small.stage.signal);
    return { weightsRoot, traceRoot };
  }

  /** What the coordinator claims; it is not needed any longer then. */
  async function claimOf(coordinator: Child): Promise<{ weightsRoot: Hex; traceRoot: Hex }> {
    const claim = await claimEventOf(coordinator);
    await coordinator.kill();
    return claim;
  }
});

function eventOf(line: string): CoordinatorEvent {
  return JSON.parse(line) as CoordinatorEvent;
}
