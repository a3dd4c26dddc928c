import { expect } from "chai";

import { DEFAULT_TRAINING, mlp } from "../../../src/compute/networks/mlp.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { GlassboxError } from "../../../src/core/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { JobJoiner } from "../../../src/worker/job-joiner.ts";
import type { FileSource } from "../../../src/storage/ports.ts";
import { smallProgram } from "../../support/small-training.ts";
import { stubJob, type StubJob } from "../../support/stub-job.ts";

describe("job joiner", () => {
  let stub: StubJob;

  beforeEach(() => {
    stub = stubJob();
    stub.joined = [];
  });

  function joiner(files: FileSource = stub.files): JobJoiner {
    const { contracts, sender } = stub;
    const { signal } = new AbortController();
    return new JobJoiner({ contracts, files, sender, logger: createLogger("test", "silent"), signal });
  }

  async function look(by = joiner()): Promise<readonly string[]> {
    by.offer([1n]);
    await by.idle();
    return stub.sent;
  }

  it("joins a job that it can do and cover, once", async () => {
    expect(await look()).to.deep.equal(["join"]);
    stub.joined = [stub.operators[0]!.operator];
    expect(await look()).to.deep.equal(["join"]);
  });

  it("does not let a stranger's job bind more than a quarter of the free stake", async () => {
    stub.freeWei = 399n;
    expect(await look()).to.deep.equal([]);
    stub.freeWei = 400n;
    expect(await look()).to.deep.equal(["join"]);
  });

  it("joins no job that is over", async () => {
    stub.job.status = 2n;
    expect(await look()).to.deep.equal([]);
    stub.job.status = 1n;
    stub.now = 100_001n;
    expect(await look()).to.deep.equal([]);
  });

  it("joins no job whose program runs for ever, is too long, or has other parts", async () => {
    stub.stored[0] = encodeProgram(mlp(DEFAULT_TRAINING.sizes, { ...DEFAULT_TRAINING, stepsPerPart: 2 ** 20 }));
    expect(await look()).to.deep.equal([]);
    stub.stored[0] = new Uint8Array(2 ** 21);
    expect(await look()).to.deep.equal([]);
    stub.stored[0] = encodeProgram(smallProgram({ parts: 2 }));
    expect(await look()).to.deep.equal([]);
  });

  it("looks again at a job whose program could not be fetched, a few times", async () => {
    let asked = 0;
    const by = joiner({
      download: (submission, signal) => {
        asked++;
        if (asked < 3) return Promise.reject(new GlassboxError("network", "STORAGE_FILE_UNAVAILABLE", "x"));
        return stub.files.download(submission, signal);
      },
    });
    expect(await look(by)).to.deep.equal([]);
    by.offer([]);
    await by.idle();
    by.offer([]);
    await by.idle();
    expect(stub.sent).to.deep.equal(["join"]);
  });

  it("lives on when the chain answers nonsense", async () => {
    const { JobRegistry } = stub.contracts;
    Object.assign(JobRegistry, { isCovering: () => Promise.reject(new TypeError("no network")) });
    expect(await look()).to.deep.equal([]);
  });
});
