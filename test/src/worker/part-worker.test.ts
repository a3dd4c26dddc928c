import { expect } from "chai";

import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { runPart } from "../../../src/compute/training.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { partInputsRoot } from "../../../src/compute/claims.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { ASSIGNMENT_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { ensureSound } from "../../../src/worker/part-client.ts";
import type { PartRequest } from "../../../src/worker/part-protocol.ts";
import type { PartWorker } from "../../../src/worker/part-worker.ts";
import type { PartOutcome, PartTask } from "../../../src/worker/parts/part-queue.ts";
import type { LoadedJob } from "../../../src/worker/training-job.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { InlineParts, inlinePartWorker } from "../../support/inline-parts.ts";
import { stubJob, testKey, type StubJob } from "../../support/stub-job.ts";

const signal = new AbortController().signal;

describe("part worker", () => {
  let stub: StubJob;
  let job: LoadedJob;
  let worker: PartWorker;
  let store: MemoryStore;
  let queue: InlineParts;
  let start: Uint8Array;

  beforeEach(async () => {
    stub = stubJob();
    job = await stub.load();
    start = initialWeights(job.program, job.seed);
    store = new MemoryStore();
    queue = new InlineParts();
    worker = inlinePartWorker(stub, stub.operators[1]!, store, queue);
  });

  function assignment(changes: Partial<PartRequest> = {}, by = stub.operators[0]!.signer): PartRequest {
    const inputsRoot = partInputsRoot(fileRoot(start), job.datasetRoot);
    const statement = { job: 1n, index: 0n, operator: stub.operators[1]!.operator, inputsRoot, ...changes };
    const { job: id, index, operator } = statement;
    const digest = typedDataDigest(job.domain, ASSIGNMENT_TYPE, {
      job: id,
      index,
      operator,
      inputsRoot: statement.inputsRoot,
    });
    return { weights: start, signature: toHex(signDigest(digest, by.secretKey)), ...statement };
  }

  it("computes an assigned part and signs just it", async () => {
    const { signature, weights } = await worker.compute(assignment({ index: 4n }), signal);
    expect(Buffer.compare(weights, runPart(job, start, 1, 1))).to.equal(0);
    const { operator, signer } = stub.operators[1]!;
    ensureSound(
      job,
      { index: 4n, startRoot: fileRoot(start) },
      { operator, signer: signer.address, signature, weights },
    );
  });

  it("refuses what it was not assigned, by name", async () => {
    const cases: [PartRequest, "check" | "usage", string][] = [
      [assignment({ operator: stub.operators[2]!.operator }), "usage", "WORKER_NOT_MINE"],
      [assignment({}, testKey("stranger")), "check", "WORKER_ASSIGNMENT_UNSIGNED"],
      [assignment({}, stub.operators[2]!.signer), "check", "WORKER_ASSIGNMENT_UNSIGNED"],
      [{ ...assignment(), index: 1n }, "check", "WORKER_ASSIGNMENT_UNSIGNED"],
      [{ ...assignment(), signature: `0x${"00".repeat(65)}` }, "check", "WORKER_ASSIGNMENT_UNSIGNED"],
      [assignment({ index: 6n }), "usage", "WORKER_PART_RANGE"],
      [{ ...assignment(), weights: start.map(() => 1) }, "check", "WORKER_INPUTS_MISMATCH"],
    ];
    for (const [request, kind, code] of cases) await expectGlassboxError(worker.compute(request, signal), kind, code);
    stub.joined = [];
    await expectGlassboxError(worker.compute(assignment(), signal), "usage", "WORKER_NOT_JOINED");
  });

  it("takes no assignment of a holder whose lease is gone", async () => {
    const old = assignment();
    stub.job.lease.holder = stub.operators[2]!.operator;
    await expectGlassboxError(worker.compute(old, signal), "check", "WORKER_ASSIGNMENT_UNSIGNED");
    stub.job.lease.holder = `0x${"00".repeat(20)}`;
    await expectGlassboxError(worker.compute(old, signal), "check", "WORKER_ASSIGNMENT_UNSIGNED");
  });

  it("is not kept from its work by a crowd without assignments", async () => {
    const crowd = Array.from({ length: 64 }, () => worker.compute(assignment({}, testKey("stranger")), signal));
    const honest = worker.compute(assignment(), signal);
    const codes = await Promise.all(
      crowd.map((one) => one.catch((error: unknown) => (error as { code: string }).code)),
    );
    expect(new Set(codes)).to.deep.equal(new Set(["WORKER_ASSIGNMENT_UNSIGNED"]));
    expect((await honest).weights.length).to.equal(start.length);
  });

  it("computes a part once, however often its assignment is sent again", async () => {
    const [first, second] = await Promise.all([
      worker.compute(assignment(), signal),
      worker.compute(assignment(), signal),
    ]);
    expect(second).to.equal(first);
    expect(await worker.compute(assignment(), signal)).to.equal(first);
  });

  it("takes no part of a program that is not trained", async () => {
    const answering = denseNetwork({ inputs: 12, hidden: [], last: { units: 3, weightClamp: 9, biasClamp: 9 } });
    await expectGlassboxError(stubJob(answering).load(), "check", "WORKER_PROGRAM_UNTRAINABLE");
  });

  it("gives a part that it signed again after a restart, without computing it", async () => {
    const first = await worker.compute(assignment({ index: 4n }), signal);
    const restarted = inlinePartWorker(stub, stub.operators[1]!, store, queue);
    const again = await restarted.compute(assignment({ index: 4n }), signal);
    expect(again.signature).to.equal(first.signature);
    expect(Buffer.compare(again.weights, first.weights)).to.equal(0);
    expect(queue.computed).to.equal(1);
  });

  it("takes the word of no other coordinator than the new one for what it kept", async () => {
    const old = assignment();
    await worker.compute(old, signal);
    stub.job.lease.holder = stub.operators[2]!.operator;
    await expectGlassboxError(worker.compute(old, signal), "check", "WORKER_ASSIGNMENT_UNSIGNED");
    await worker.compute(assignment({}, stub.operators[2]!.signer), signal);
    expect(queue.computed).to.equal(1);
  });

  it("says which parts of a round it signed, from just these inputs", async () => {
    const { inputsRoot } = assignment();
    const round = { job: 1n, first: 0n, count: 3, inputsRoot };
    expect(await worker.signedParts(round)).to.deep.equal([]);
    await worker.compute(assignment({ index: 2n }), signal);
    expect(await worker.signedParts(round)).to.deep.equal([2n]);
    expect(await worker.signedParts({ ...round, first: 1n, count: 1 })).to.deep.equal([]);
    expect(await worker.signedParts({ ...round, inputsRoot: toHex(new Uint8Array(32)) })).to.deep.equal([]);
  });

  it("never signs two results of one part, also after a restart that lost the result", async () => {
    await worker.compute(assignment(), signal);
    const kept = store.keys("result/")[0]!;
    await store.commit([{ key: kept, value: undefined }]);
    const signed = store.keys("signed/").map((key) => [key, toHex(store.get(key)!)]);

    const failing = inlinePartWorker(stub, stub.operators[1]!, store, new FailingMemory());
    await expectGlassboxError(failing.compute(assignment(), signal), "check", "WORKER_PART_CONFLICT");
    expect(store.keys("signed/").map((key) => [key, toHex(store.get(key)!)])).to.deep.equal(signed);
    expect(store.keys("result/")).to.deep.equal([]);

    const repaired = inlinePartWorker(stub, stub.operators[1]!, store, queue);
    const again = await repaired.compute(assignment(), signal);
    expect(again.signature).to.equal((await worker.compute(assignment(), signal)).signature);
  });

  it("signs nothing that is no weights file", async () => {
    const broken = inlinePartWorker(stub, stub.operators[1]!, store, new Truncating());
    await expectGlassboxError(broken.compute(assignment(), signal), "usage", "TENSOR_SET_MISMATCH");
    expect(store.keys("")).to.deep.equal([]);
  });

  it("does not run a program that is too large, nor fetch a file that no job has", async () => {
    stub.stored[1] = new Uint8Array(2 ** 29);
    const other = inlinePartWorker(stub, stub.operators[1]!);
    await expectGlassboxError(other.compute(assignment(), signal), "usage", "WORKER_JOB_TOO_LARGE");
  });
});

/** Computes parts with one bit turned. */
class FailingMemory extends InlineParts {
  override async submit(task: PartTask): Promise<PartOutcome> {
    const { weights } = await super.submit(task);
    weights[0]! ^= 1;
    return { weights, root: fileRoot(weights) };
  }
}

/** Loses the end of what it computes. */
class Truncating extends InlineParts {
  override async submit(task: PartTask): Promise<PartOutcome> {
    const { weights, root } = await super.submit(task);
    return { weights: weights.subarray(0, 256), root };
  }
}
