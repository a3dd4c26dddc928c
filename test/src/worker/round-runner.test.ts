import { expect } from "chai";

import { partClaim } from "../../../src/compute/claims.ts";
import { trainRounds } from "../../../src/compute/training.ts";
import { weightsBytes } from "../../../src/compute/weights.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { CLAIM_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import type { PartPeer } from "../../../src/worker/part-client.ts";
import type { PartOutcome, PartTask } from "../../../src/worker/parts/part-queue.ts";
import { RoundJournal } from "../../../src/worker/round-journal.ts";
import { runRounds, type TrainedRounds } from "../../../src/worker/round-runner.ts";
import { SignedJournal } from "../../../src/worker/signed-journal.ts";
import type { LoadedJob } from "../../../src/worker/training-job.ts";
import { InlineParts } from "../../support/inline-parts.ts";
import { servePartWorker, serveRaw, type TestServer } from "../../support/part-server.ts";
import { stubJob, type StubJob } from "../../support/stub-job.ts";

describe("round runner", function () {
  this.timeout(30_000);

  let stub: StubJob;
  let job: LoadedJob;
  let store: MemoryStore;
  const servers: TestServer[] = [];

  beforeEach(async () => {
    stub = stubJob();
    job = await stub.load();
    store = new MemoryStore();
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  async function honest(index: number): Promise<PartPeer> {
    const server = await servePartWorker(stub, index);
    servers.push(server);
    return server.peer;
  }

  async function cheater(index: number, answer: (asked: { index: string }) => unknown): Promise<PartPeer> {
    const server = await serveRaw((request, response, body) => {
      response.setHeader("content-type", "application/json");
      // It also claims to have signed whatever it is asked for.
      const signed = ["0", "1", "2", "3", "4", "5"];
      const said = request.method === "GET" ? { signed } : answer(JSON.parse(body) as { index: string });
      response.end(JSON.stringify(said));
    });
    servers.push(server);
    const { operator, signer } = stub.operators[index]!;
    return { operator, signer: signer.address, url: server.url, slots: 1 };
  }

  function run(peers: () => readonly PartPeer[], signal = new AbortController().signal): Promise<TrainedRounds> {
    return runRounds({
      job,
      journal: new RoundJournal(store, 31337n, 1n),
      coordinator: new SignedJournal(store, stub.operators[0]!.signer),
      peers: () => Promise.resolve(peers()),
      logger: createLogger("test", "silent"),
      signal,
      onRound: () => undefined,
    });
  }

  function expectTrained(trained: TrainedRounds): void {
    const expected = [...trainRounds(job, job.rounds)];
    expect(trained.roots.map(({ ends }) => ends)).to.deep.equal(expected.map(({ ends }) => ends.map(fileRoot)));
    expect(fileRoot(trained.finalWeights)).to.equal(fileRoot(expected.at(-1)!.next));
    expect(trained.signedParts).to.have.length(job.rounds * job.program.parts);
  }

  function signedBy(index: number, part: { index: string }, startRoot: Hex, weights: Uint8Array): object {
    const claim = partClaim(job, { index: BigInt(part.index), startRoot, endRoot: fileRoot(weights) });
    const digest = typedDataDigest(job.domain, CLAIM_TYPE, claim);
    const signature = toHex(signDigest(digest, stub.operators[index]!.signer.secretKey));
    return { signature, weights: Buffer.from(weights).toString("base64") };
  }

  it("gives the same bits with one worker and with three", async () => {
    const peers = [await honest(0), await honest(1), await honest(2)];
    expectTrained(await run(() => peers));
    store = new MemoryStore();
    expectTrained(await run(() => peers.slice(1, 2)));
  });

  it("goes on without a worker that dies, one that lies about its key, and one that is no worker", async () => {
    const [start] = [...trainRounds(job, 1)];
    const peers = [
      await cheater(0, (asked) => signedBy(2, asked, fileRoot(start!.start), start!.start)),
      await cheater(1, () => ({ hello: "world" })),
      await honest(2),
    ];
    const dead = { ...peers[1]!, operator: stub.operators[1]!.operator, url: "http://127.0.0.1:9" };
    const trained = await run(() => [peers[0]!, dead, peers[2]!]);
    expectTrained(trained);
    expect(new Set(trained.signedParts.map(({ operator }) => operator))).to.deep.equal(
      new Set([stub.operators[2]!.operator]),
    );
    store = new MemoryStore();
    expectTrained(await run(() => [peers[1]!, peers[2]!]));
  });

  it("keeps nothing of a worker that signs what is no weights file", async () => {
    const [first] = [...trainRounds(job, 1)];
    const tooShort = new Uint8Array(256);
    const outOfRange = new Uint8Array(weightsBytes(job.program)).fill(0x7f);
    for (const weights of [tooShort, outOfRange]) {
      const liar = await cheater(0, (asked) => signedBy(0, asked, fileRoot(first!.start), weights));
      const good = await honest(1);
      expectTrained(await run(() => [liar, good]));
      for (const key of store.keys("part/")) {
        expect(store.get(key)!.length, key).to.equal(65 + 20 + 20 + weightsBytes(job.program));
      }
      store = new MemoryStore();
    }
  });

  it("goes on from its journal without asking again, and does not believe one of another training", async () => {
    const good = await honest(1);
    const trained = await run(() => [good]);
    const again = await run(() => []);
    expect(again.signedParts.map(({ signature }) => signature)).to.deep.equal(
      trained.signedParts.map(({ signature }) => signature),
    );
    const other = { ...job, seed: job.seed.map((byte) => byte ^ 1), datasetRoot: toHex(new Uint8Array(32)) };
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 600);
    job = other;
    const outcome = await run(() => [], controller.signal).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(Error);
  });

  it("keeps what was delivered when it is stopped in the middle", async () => {
    const controller = new AbortController();
    const good = await honest(1);
    const slow = await serveRaw(() => undefined);
    servers.push(slow);
    const { operator, signer } = stub.operators[0]!;
    const commit = store.commit.bind(store);
    store.commit = async (changes) => {
      await commit(changes);
      if (store.keys("part/").length === 2) controller.abort();
    };
    const stopped = await run(
      () => [{ operator, signer: signer.address, url: slow.url, slots: 1 }, good],
      controller.signal,
    ).catch((error: unknown) => error);
    expect(stopped).to.be.instanceOf(Error);
    store.commit = commit;
    expectTrained(await run(() => [good]));
  });

  it("takes over from another coordinator with what the workers have signed: nothing is computed twice", async () => {
    const queues = [new InlineParts(), new InlineParts()];
    const workers = await Promise.all(queues.map((queue, index) => servePartWorker(stub, index, { queue })));
    servers.push(...workers);
    const peers = workers.map(({ peer }) => peer);
    const former = await run(() => peers);
    const computed = queues.map((queue) => queue.computed);

    store = new MemoryStore();
    stub.job.lease.holder = stub.operators[0]!.operator;
    const later = await run(() => peers);
    expectTrained(later);
    expect(later.signedParts).to.deep.equal(former.signedParts);
    expect(queues.map((queue) => queue.computed)).to.deep.equal(computed);
  });

  it("computes again what a worker that is gone had signed", async () => {
    const workers = [await servePartWorker(stub, 0), await servePartWorker(stub, 1)];
    servers.push(...workers);
    await run(() => workers.map(({ peer }) => peer));
    store = new MemoryStore();
    expectTrained(await run(() => [workers[1]!.peer]));
  });

  it("keeps on record whom it assigned which part", async () => {
    const good = await honest(1);
    await run(() => [good]);
    const assigned = store.keys("signed/").filter((key) => key.includes("/assignment/"));
    expect(assigned).to.have.length(job.rounds * job.program.parts);
    expect(assigned.every((key) => key.includes(good.operator.toLowerCase()))).to.equal(true);
  });

  it("gives a worker as many parts at once as it computes", async () => {
    const queue = new Gathering(3);
    const worker = await servePartWorker(stub, 1, { queue, slots: 3 });
    servers.push(worker);
    expectTrained(await run(() => [worker.peer]));
  });
});

/** Computes nothing before so many parts have come. */
class Gathering extends InlineParts {
  readonly #size: number;
  #waiting: (() => void)[] = [];

  constructor(size: number) {
    super();
    this.#size = size;
  }

  override async submit(task: PartTask): Promise<PartOutcome> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length < this.#size) return;
      for (const begin of this.#waiting.splice(0)) begin();
    });
    return super.submit(task);
  }
}
