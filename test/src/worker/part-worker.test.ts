import { expect } from "chai";

import { denseNetwork } from "../../../src/compute/dense-network.ts";
import { runPart } from "../../../src/compute/training.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { partInputsRoot } from "../../../src/compute/claims.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { ASSIGNMENT_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { ensureSound } from "../../../src/worker/part-client.ts";
import type { PartRequest } from "../../../src/worker/part-protocol.ts";
import { PartWorker } from "../../../src/worker/part-worker.ts";
import type { LoadedJob } from "../../../src/worker/training-job.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { stubJob, testKey, type StubJob } from "../../support/stub-job.ts";

const signal = new AbortController().signal;

describe("part worker", () => {
  let stub: StubJob;
  let job: LoadedJob;
  let worker: PartWorker;
  let start: Uint8Array;

  beforeEach(async () => {
    stub = stubJob();
    job = await stub.load();
    start = initialWeights(job.program, job.seed);
    worker = new PartWorker(stub.contracts, stub.files, stub.operators[1]!.operator, stub.operators[1]!.signer);
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

  it("does not run a program that is too large, nor fetch a file that no job has", async () => {
    stub.stored[1] = new Uint8Array(2 ** 29);
    const other = new PartWorker(stub.contracts, stub.files, stub.operators[1]!.operator, stub.operators[1]!.signer);
    await expectGlassboxError(other.compute(assignment(), signal), "usage", "WORKER_JOB_TOO_LARGE");
  });
});
