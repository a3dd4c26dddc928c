import { expect } from "chai";

import { partInputsRoot } from "../../../src/compute/claims.ts";
import { Detail } from "../../../src/compute/dispute/detail.ts";
import { SECTIONS } from "../../../src/compute/program.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { GlassboxError } from "../../../src/core/errors.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { ASSIGNMENT_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { FlowReader } from "../../../src/storage/flow-reader.ts";
import type { FileSource } from "../../../src/storage/ports.ts";
import type { ChainExecution } from "../../../src/worker/dispute/chain-execution.ts";
import type { GameView } from "../../../src/worker/dispute/game-reader.ts";
import { KeptFiles } from "../../../src/worker/dispute/kept-files.ts";
import { PartAuthor } from "../../../src/worker/dispute/part-author.ts";
import { SignedStarts } from "../../../src/worker/signed-starts.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { inlinePartWorker } from "../../support/inline-parts.ts";
import { stubJob } from "../../support/stub-job.ts";

const signal = new AbortController().signal;
/** Who stores a job's files may be who challenges its parts. */
const WITHHOLDING: FileSource = {
  download: () => Promise.reject(new GlassboxError("network", "STORAGE_FILE_UNAVAILABLE", "withheld")),
};

describe("the author of a part", () => {
  it("answers for what it signed without storage, until the job is forgotten", async () => {
    const stub = stubJob();
    const { contracts } = stub;
    const job = await stub.load();
    const store = new MemoryStore();
    const keptFrom = (storage: FileSource) => (jobId: bigint) =>
      new KeptFiles(new FlowReader(contracts), storage, store, jobId);
    const [coordinator, operator] = [stub.operators[0]!, stub.operators[1]!];
    const worker = inlinePartWorker({ contracts, files: keptFrom(stub.files)(1n) }, operator, store);
    const start = initialWeights(job.program, job.seed);
    const assignment = {
      job: 1n,
      index: 4n,
      operator: operator.operator,
      inputsRoot: partInputsRoot(fileRoot(start), job.datasetRoot),
    };
    const digest = typedDataDigest(job.domain, ASSIGNMENT_TYPE, assignment);
    const signature = toHex(signDigest(digest, coordinator.signer.secretKey));
    const { weights } = await worker.compute({ ...assignment, weights: start, signature }, signal);

    const starts = new SignedStarts(store);
    const author = new PartAuthor(contracts, keptFrom(WITHHOLDING), starts);
    const { stepsPerPart, batch } = job.program;
    const accused = {
      section: BigInt(SECTIONS.indexOf("step")),
      position: BigInt(4 * stepsPerPart * batch),
      inputRoot: fileRoot(start),
    } as ChainExecution;
    const game = { jobId: 1n } as GameView;
    const detail = await Detail.compute(await author.execution(game, accused, signal));
    expect(fileRoot(await detail.output())).to.equal(fileRoot(weights));

    await starts.forget(job.domain, 1n);
    await expectGlassboxError(author.execution(game, accused, signal), "check", "WORKER_START_MISSING");
    await keptFrom(WITHHOLDING)(1n).forget();
    await expectGlassboxError(author.execution(game, accused, signal), "network", "STORAGE_FILE_UNAVAILABLE");
    expect([...store.keys("start/"), ...store.keys("file")]).to.deep.equal([]);
  });
});
