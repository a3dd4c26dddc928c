import { expect } from "chai";

import { GlassboxError } from "../../../src/core/errors.ts";
import { RECORD_OFFSETS } from "../../../src/core/record-layout.ts";
import type { Receipt } from "../../../src/models/receipt.ts";
import type { KeyFacts, StoredFile } from "../../../src/verifier/ports.ts";
import type { Report } from "../../../src/verifier/report.ts";
import { reportText } from "../../../src/verifier/report-text.ts";
import { verifyModel } from "../../../src/verifier/verify-model.ts";
import {
  makeWorld,
  type ModelWorld,
  portsOf,
  TRAINING_CIRCUIT,
  withCommittedKey,
  type WorldChanges,
} from "../../support/model-world.ts";
import { flipped } from "../../support/small-dataset.ts";

const RECORD = 17;

async function verify(world: ModelWorld): Promise<Report> {
  return verifyModel({ versionId: 1n, ...portsOf(world) });
}

/** Replaces what storage returns for a file. */
function tamper(world: ModelWorld, file: StoredFile, at: number): void {
  const bytes = world.files.get(file.root) ?? new Uint8Array();
  world.files.set(file.root, flipped(bytes, at));
}

function changeReceipt(world: ModelWorld, index: number, change: (receipt: Receipt) => Partial<Receipt>): void {
  world.answers = world.answers.map((answer, i) => {
    const { receipt } = answer;
    return i === index && receipt ? { ...answer, receipt: { ...receipt, ...change(receipt) } } : answer;
  });
}

describe("verifyModel", () => {
  let honest: ModelWorld;
  let world: ModelWorld;
  before(async () => {
    honest = await makeWorld();
  });
  beforeEach(() => {
    world = { ...honest, files: new Map(honest.files), operators: new Map(honest.operators) };
  });

  it("passes every edge of an honest version", async () => {
    const report = await verify(world);
    expect(report.failed).to.deep.equal([]);
    expect(report.skipped).to.deep.equal([]);
    expect(report.verdict).to.equal("pass");
    const text = reportText(report);
    for (const id of ["file:samples", "records:label-signature", "training:round:2", "allocation", "shares"]) {
      expect(text).to.include(`[${id}]`);
    }
    expect(text).to.include("PASS").and.include("INSECURE");
  });

  it("gives the same report every time", async () => {
    const report = JSON.stringify(await verify(world));
    expect(JSON.stringify(await verify(await makeWorld()))).to.equal(report);
  });

  const inStorage: [string, (world: ModelWorld) => StoredFile, number, string][] = [
    ["a sample", ({ dataset }) => dataset.files.samples, RECORD * 16, "file:samples"],
    ["a label", ({ dataset }) => dataset.files.labels, 3, "file:labels"],
    ["a label signature", ({ dataset }) => dataset.files.records, RECORD * 256 + 130, "file:records"],
    ["an account", ({ dataset }) => dataset.files.accounts, 31, "file:accounts"],
    ["the manifest", ({ dataset }) => dataset.files.manifest, 5, "file:manifest"],
    ["a weight", ({ job }) => job.outputs.weights, 7, "file:weights"],
    ["the program", ({ job }) => job.program, 300, "file:program"],
    ["the trace", ({ job }) => job.outputs.trace, 40, "file:trace"],
    ["a credit", ({ job }) => job.outputs.credits, 0, "file:credits"],
    ["the allocation", ({ job }) => job.outputs.allocation, 0, "file:allocation"],
    ["a round's weights", ({ job }) => job.outputs.rounds, 9, "file:rounds"],
    ["the job's accounts", ({ job }) => job.outputs.accounts, 31, "file:job-accounts"],
  ];
  for (const [name, file, at, edge] of inStorage) {
    it(`fails at the file alone when storage alters ${name}`, async () => {
      tamper(world, file(world), at);
      const report = await verify(world);
      expect(report.failed).to.deep.equal([edge]);
      expect(report.verdict).to.equal("fail");
    });
  }

  const committed: [string, WorldChanges, string][] = [
    [
      "a sample",
      { dataset: ({ samples }) => ({ samples: flipped(samples, RECORD * 16) }) },
      `record:${RECORD}:content-hash`,
    ],
    ["a label", { dataset: ({ labels }) => ({ labels: flipped(labels, RECORD) }) }, `record:${RECORD}:label-hash`],
    [
      "a label signature",
      {
        dataset: ({ records }) => ({
          records: flipped(records, RECORD * 256 + RECORD_OFFSETS.labelSignature + 40),
        }),
      },
      `record:${RECORD}:label-signature`,
    ],
    ["a weight", { weights: (weights) => flipped(weights, 7) }, "training:weights"],
    [
      "the end of a part",
      { end: (end, round, part) => (round === 1 && part === 2 ? flipped(end, 7) : end) },
      "training:round:1",
    ],
  ];
  for (const [name, change, edge] of committed) {
    it(`fails at ${edge} alone when ${name} was committed falsely`, async () => {
      const report = await verify(await makeWorld(change));
      expect(report.failed).to.deep.equal([edge]);
      expect(report.skipped).to.deep.equal([]);
    });
  }

  const onChain: [string, (world: ModelWorld) => void, string[]][] = [
    ["a claim that nobody logged", (w) => (w.job = { ...w.job, signature: undefined }), ["claim:signature"]],
    ["a claim by another operator", (w) => (w.job = { ...w.job, author: w.job.opener }), ["claim:signature"]],
    ["a job that was not accepted", (w) => (w.job = { ...w.job, isAccepted: false }), ["version:job"]],
    ["a version of other weights", (w) => (w.version = { ...w.version, traceRoot: w.job.seed }), ["version:job"]],
    ["another share supply", (w) => (w.shares = { ...w.shares, totalSupply: 1n }), ["shares"]],
    [
      "shares that a stranger took",
      (w) => (w.shares = { ...w.shares, claims: [{ index: 1, account: w.job.opener, amount: 1n }] }),
      ["shares"],
    ],
    [
      "shares that were taken twice",
      (w) => (w.shares = { ...w.shares, claims: [...w.shares.claims, ...w.shares.claims] }),
      ["shares"],
    ],
    [
      "a key of other weights",
      (w) => (w.keys = w.keys.map((key) => ({ ...key, encodedKey: flipped(key.encodedKey, 0) }))),
      ["baked-key", "receipt:0", "receipt:1", "receipt:2"],
    ],
    [
      "a key that was refuted",
      (w) => (w.keys = w.keys.map((key) => ({ ...key, refuted: true }))),
      ["baked-key", "receipt:0", "receipt:1", "receipt:2"],
    ],
    [
      "a part whose signer is unknown",
      (w) => w.operators.delete([...w.operators.keys()][1] ?? ""),
      ["parts:signatures"],
    ],
    [
      "an operator who did not join",
      (w) => (w.job = { ...w.job, joined: w.job.joined.slice(0, 2) }),
      ["job:accounts", "parts:signatures"],
    ],
  ];
  for (const [name, change, edges] of onChain) {
    it(`fails at ${edges.join(", ")} for ${name}`, async () => {
      change(world);
      expect((await verify(world)).failed).to.deep.equal(edges);
    });
  }

  const receipts: [string, (receipt: Receipt) => Partial<Receipt>][] = [
    ["proof", ({ proof }) => ({ proof: proof.map((word) => word ^ 1n) })],
    ["answer", () => ({ answer: 9n })],
    ["input hash", () => ({ inputHash: 9n })],
    ["circuit", ({ voucher }) => ({ circuitId: voucher.requestsRoot })],
    ["signature", ({ signature }) => ({ signature: flipped(signature, 3) })],
    ["fee", ({ voucher }) => ({ voucher: { ...voucher, cumulativeFeeWei: 1n } })],
    ["units", ({ voucher }) => ({ voucher: { ...voucher, units: 9n } })],
    ["requests root", ({ voucher, circuitId }) => ({ voucher: { ...voucher, requestsRoot: circuitId } })],
  ];
  for (const [name, change] of receipts) {
    it(`fails at the receipt alone for another ${name}`, async () => {
      changeReceipt(world, 1, change);
      expect((await verify(world)).failed).to.deep.equal(["receipt:1"]);
    });
  }

  it("fails at an answer of another price", async () => {
    world.answers = world.answers.map((answer, i) => ({ ...answer, ...(i === 2 && { priceWei: 1n }) }));
    expect((await verify(world)).failed).to.deep.equal(["receipt:2"]);
  });

  it("lets nobody condemn a model by settling an answer through a contract, and says what it could not see", async () => {
    world.answers = world.answers.map((answer, i) => ({
      ...answer,
      ...(i !== 1 && { receipt: undefined }),
      ...(i === 2 && { priceWei: 1n }),
    }));
    const report = await verify(world);
    expect(report.failed).to.deep.equal(["receipt:2"]);
    expect(reportText(report)).to.include("checked by the chain alone");
  });

  it("ranks answers under a key with baked weights as open to challenge, and those under committed weights as proven", async () => {
    expect(reportText(await verify(world)))
      .to.include("open to challenge")
      .and.not.include("wei, proven");
    const report = await verify(withCommittedKey(world));
    expect(report.failed).to.deep.equal([]);
    expect(reportText(report))
      .to.include("[committed-key]")
      .and.include("wei, proven")
      .and.not.include("open to challenge");
  });

  it("fails at a committed key of another circuit, of other constraints, or of other weights", async () => {
    const committed = withCommittedKey(world);
    const [key] = committed.keys as [KeyFacts];
    const failedWith = async (change: Partial<KeyFacts>): Promise<readonly string[]> =>
      (await verify({ ...committed, keys: [{ ...key, ...change }] })).failed;
    const answers = ["receipt:0", "receipt:1", "receipt:2"];
    expect(await failedWith({ encodedKey: flipped(key.encodedKey, 0) })).to.deep.equal(["committed-key", ...answers]);
    expect(await failedWith({ weightsTwin: 1n })).to.deep.equal(["committed-key", ...answers]);
    expect((await verify(withCommittedKey(world, `0x${"c4".repeat(32)}`))).failed).to.deep.equal(["committed-key"]);
  });

  it("takes no answers under a key that proves training runs", async () => {
    const { failed } = await verify(withCommittedKey(world, TRAINING_CIRCUIT));
    expect(failed).to.include.members(["receipt:0", "receipt:1", "receipt:2"]);
  });

  it("accepts a voucher that the consumer's contract accepts", async () => {
    changeReceipt(world, 1, () => ({ signature: Uint8Array.of(1, 2, 3) }));
    const ports = portsOf(world);
    const chain = { ...ports.chain, isValidSignature: () => Promise.resolve(true) };
    expect((await verifyModel({ versionId: 1n, ...ports, chain })).failed).to.deep.equal([]);
  });

  it("shows no name as anything but a name", async () => {
    world.version = { ...world.version, modelName: "x\u001b[2K\nPASS\u202e" };
    const text = reportText(await verify(world));
    expect(text).to.include('"x\ufffd[2K\ufffdPASS\ufffd"').and.not.include("\u001b");
  });

  it("says what a skipped edge rests on", async () => {
    tamper(world, world.dataset.files.samples, 0);
    const report = await verify(world);
    expect(report.skipped).to.include.members(["dataset:manifest", "training:round:0"]);
    expect(reportText(report)).to.include("rests on file:samples").and.include("failed at file:samples");
  });

  it("fails at a file that nobody keeps", async () => {
    world.files.delete(world.job.outputs.weights.root);
    expect((await verify(world)).failed).to.deep.equal(["file:weights"]);
  });

  it("gives no verdict when the network fails, and stops when asked to", async () => {
    const ports = portsOf(world);
    const down = new GlassboxError("network", "STORAGE_DOWN", "no node answers");
    const files = { read: () => Promise.reject(down) };
    expect(await verifyModel({ versionId: 1n, ...ports, files }).catch((reason: unknown) => reason)).to.equal(down);
    const stopped = verifyModel({ versionId: 1n, ...ports, signal: AbortSignal.abort() });
    expect(await stopped.catch((reason: unknown) => reason)).to.have.property("name", "AbortError");
  });
});
