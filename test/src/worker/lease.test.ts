import { expect } from "chai";

import { GlassboxError } from "../../../src/core/errors.ts";
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

  it("is waited for while another holds it, who is named once", async () => {
    const stub = stubJob();
    const holder = stub.operators[2]!.operator;
    stub.job.lease = { holder, expiresAt: 9_000n };
    const holders: string[] = [];
    const taking = takeLease(stub.contracts, stub.sender, 1n, signal, (waitedFor) => holders.push(waitedFor));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(stub.sent).to.deep.equal([]);
    stub.now = 9_001n;
    expect(await taking).to.equal(true);
    expect(stub.sent).to.deep.equal(["approve", "takeLease"]);
    expect(holders).to.deep.equal([holder]);
  });

  it("is left alone once another has claimed", async () => {
    const stub = stubJob();
    stub.job.lease = { holder: stub.operators[2]!.operator, expiresAt: 8_999n };
    stub.job.status = 2n;
    expect(await takeLease(stub.contracts, stub.sender, 1n, signal)).to.equal(false);
    expect(stub.sent).to.deep.equal([]);
  });

  it("is waited for if another was quicker, and a refusal for another reason is told", async () => {
    const stub = stubJob();
    stub.job.lease = { holder: stub.operators[2]!.operator, expiresAt: 8_999n };
    let isQuicker = true;
    const sender = Object.assign(Object.create(stub.sender) as typeof stub.sender, {
      send: async (transaction: Promise<object>) => {
        await transaction;
        if (stub.sent.at(-1) !== "takeLease") return;
        if (isQuicker) stub.job.lease = { holder: stub.operators[1]!.operator, expiresAt: 9_600n };
        throw new GlassboxError("revert", "CHAIN_REVERTED", "refused");
      },
    });
    const holders: string[] = [];
    const taking = takeLease(stub.contracts, sender, 1n, signal, (holder) => holders.push(holder));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(holders).to.deep.equal([stub.operators[1]!.operator]);
    isQuicker = false;
    stub.now = 9_601n;
    await expectGlassboxError(taking, "revert", "CHAIN_REVERTED");
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
