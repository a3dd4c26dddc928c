import { expect } from "chai";

import { GlassboxError } from "../../../src/core/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { JobLeaver } from "../../../src/worker/job-leaver.ts";
import { stubJob, type StubJob } from "../../support/stub-job.ts";

const ACCEPTED = 3n;
const CANCELLED = 4n;

describe("job leaver", () => {
  let stub: StubJob;
  let forgotten: bigint[];
  let leaver: JobLeaver;

  beforeEach(() => {
    stub = stubJob();
    forgotten = [];
    const { contracts, sender } = stub;
    const forget = (jobId: bigint): Promise<void> => Promise.resolve(void forgotten.push(jobId));
    leaver = new JobLeaver({ contracts, sender, forget, logger: createLogger("test", "silent"), lookMs: 0 });
  });

  async function look(jobIds: bigint[] = []): Promise<{ sent: readonly string[]; forgotten: bigint[] }> {
    leaver.offer(jobIds);
    await leaver.idle();
    return { sent: stub.sent, forgotten };
  }

  const STAYED = { sent: [], forgotten: [] };
  const LEFT = { sent: ["releaseCoverage"], forgotten: [1n] };

  for (const [how, status] of [
    ["accepted", ACCEPTED],
    ["cancelled", CANCELLED],
  ] as const) {
    it(`leaves a job that was ${how}, once`, async () => {
      expect(await look([1n])).to.deep.equal(STAYED);
      stub.job.status = status;
      expect(await look()).to.deep.equal(LEFT);
      expect(await look()).to.deep.equal(LEFT);
    });
  }

  it("stays in a claimed job", async () => {
    stub.job.status = 2n;
    expect(await look([1n])).to.deep.equal(STAYED);
  });

  it("keeps what it answers with while parts can be challenged", async () => {
    stub.job.status = ACCEPTED;
    stub.job.coverageUntil = stub.now + 1n;
    expect(await look([1n])).to.deep.equal(STAYED);
    stub.now++;
    stub.partGames = 1n;
    expect(await look()).to.deep.equal(STAYED);
    stub.partGames = 0n;
    expect(await look()).to.deep.equal(LEFT);
  });

  it("forgets what was kept for a job whose stake somebody else has released", async () => {
    stub.job.status = ACCEPTED;
    stub.joined = [];
    expect(await look([1n])).to.deep.equal({ sent: [], forgotten: [1n] });
  });

  it("tries again when the chain was out of reach", async () => {
    stub.job.status = ACCEPTED;
    const { job } = stub.contracts.JobRegistry;
    const silent = (): never => {
      throw new GlassboxError("network", "CHAIN_CALL_FAILED", "silent");
    };
    Object.assign(stub.contracts.JobRegistry, { job: silent });
    expect(await look([1n])).to.deep.equal(STAYED);
    Object.assign(stub.contracts.JobRegistry, { job });
    expect(await look()).to.deep.equal(LEFT);
  });
});
