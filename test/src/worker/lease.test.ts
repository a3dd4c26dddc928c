import { expect } from "chai";

import { createLogger } from "../../../src/telemetry/logger.ts";
import { keepLease, takeLease } from "../../../src/worker/lease.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { stubJob } from "../../support/stub-job.ts";

const logger = createLogger("test", "silent");
const { signal } = new AbortController();

describe("lease", () => {
  it("is taken once it is free, and not taken again while it is held", async () => {
    const stub = stubJob();
    await takeLease(stub.contracts, stub.sender, 1n, signal);
    expect(stub.sent).to.deep.equal([]);
    stub.job.lease = { holder: stub.operators[2]!.operator, expiresAt: 8_999n };
    await takeLease(stub.contracts, stub.sender, 1n, signal);
    expect(stub.sent).to.deep.equal(["approve", "takeLease"]);
  });

  it("is waited for while another holds it", async () => {
    const stub = stubJob();
    stub.job.lease = { holder: stub.operators[2]!.operator, expiresAt: 9_000n };
    const taking = takeLease(stub.contracts, stub.sender, 1n, signal);
    expect(stub.sent).to.deep.equal([]);
    stub.now = 9_001n;
    await taking;
    expect(stub.sent).to.deep.equal(["approve", "takeLease"]);
  });

  it("is extended after half of it, and no more once the job is claimed", async () => {
    const stub = stubJob();
    stub.now = 9_701n;
    const keeping = keepLease(stub.contracts, stub.sender, 1n, logger, signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stub.sent).to.deep.equal(["heartbeat"]);
    stub.job.status = 2n;
    await keeping;
  });

  it("says when it was lost, or the deadline has passed: then work is for nothing", async () => {
    const lost = stubJob();
    lost.job.lease.holder = lost.operators[1]!.operator;
    await expectGlassboxError(keepLease(lost.contracts, lost.sender, 1n, logger, signal), "check", "WORKER_LEASE_LOST");
    const late = stubJob();
    late.now = 100_001n;
    await expectGlassboxError(
      keepLease(late.contracts, late.sender, 1n, logger, signal),
      "check",
      "WORKER_JOB_EXPIRED",
    );
  });
});
