import { once } from "node:events";

import { expect } from "chai";

import { GlassboxError } from "../../../src/core/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { ClaimDesk, type SeenClaim } from "../../../src/worker/claim-desk.ts";
import type { AuditResult, ClaimFacts } from "../../../src/worker/job-auditor.ts";
import { awaitVerdicts, type Verdict } from "../../../src/worker/watcher-protocol.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { serveRaw } from "../../support/part-server.ts";

const MATCH: AuditResult = { verdict: "match", detail: "" };

function seen(jobId: bigint, claim = 1): SeenClaim {
  const outputs = {} as ClaimFacts["outputs"];
  return { jobId, claim, outputs, submissions: [], digest: () => Promise.resolve(`0x${claim}`) };
}

function desk(audit: (claim: ClaimFacts, signal: AbortSignal) => Promise<AuditResult>): ClaimDesk {
  const { signal } = new AbortController();
  return new ClaimDesk({ audit, logger: createLogger("test", "silent"), signal, retryMs: 1 });
}

describe("claim desk", () => {
  it("calls what is malformed a mismatch, and what is too large unknown", async () => {
    const cases: [GlassboxError, Verdict["verdict"]][] = [
      [new GlassboxError("check", "COMPUTE_ROUNDS_LENGTH", "x"), "mismatch"],
      [new GlassboxError("usage", "COMPUTE_PROGRAM_MALFORMED", "x"), "mismatch"],
      [new GlassboxError("check", "WORKER_CREDIT_STRANGER", "x"), "mismatch"],
      [new GlassboxError("usage", "WORKER_JOB_TOO_LARGE", "x"), "unknown"],
      [new GlassboxError("usage", "COMPUTE_WORKLOAD_TOO_LARGE", "x"), "unknown"],
    ];
    for (const [error, verdict] of cases) {
      const judging = desk(() => Promise.reject(error));
      judging.take(seen(1n));
      await judging.idle();
      expect(judging.verdict("1")).to.deep.equal({
        job: "1",
        claim: 1,
        digest: "0x1",
        verdict,
        detail: `${error.code}: x`,
      });
    }
  });

  it("does not blame the claim for storage that lies or a chain that is gone", async () => {
    const failures = [
      new GlassboxError("check", "STORAGE_SEGMENT_TAMPERED", "a node lied"),
      new GlassboxError("network", "CHAIN_CALL_FAILED", "gone"),
      new TypeError("fetch failed"),
    ];
    const judging = desk(() => {
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve(MATCH);
    });
    judging.take(seen(1n));
    await judging.idle();
    expect(judging.verdict("1").verdict).to.equal("match");
    expect(failures).to.have.length(0);
  });

  it("judges other claims while one has no files", async () => {
    const stop = new AbortController();
    const judging = new ClaimDesk({
      audit: ({ jobId }) =>
        jobId === 1n
          ? Promise.reject(new GlassboxError("network", "STORAGE_FILE_UNAVAILABLE", "x"))
          : Promise.resolve(MATCH),
      logger: createLogger("test", "silent"),
      signal: stop.signal,
      retryMs: 5,
    });
    judging.take(seen(1n));
    for (let job = 2n; job < 12n; job++) judging.take(seen(job));
    while (judging.verdict("11").verdict === "pending") await new Promise((resolve) => setTimeout(resolve, 5));
    expect(judging.verdict("11").verdict).to.equal("match");
    expect(judging.verdict("1").verdict).to.equal("pending");
    stop.abort();
    await judging.idle();
  });

  it("forgets the verdict of an older claim as soon as there is a newer one", async () => {
    const stopped: unknown[] = [];
    let release: (result: AuditResult) => void = () => undefined;
    const judging = desk(async (_claim, signal) => {
      if (stopped.length > 0 || release.length > 0) return { verdict: "mismatch", detail: "second" };
      const first = new Promise<AuditResult>((resolve) => (release = resolve));
      void once(signal, "abort").then(() => {
        stopped.push(1);
        release(MATCH);
      });
      return first;
    });
    judging.take(seen(1n, 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    judging.take(seen(1n, 2));
    expect(judging.verdict("1")).to.include({ claim: 2, verdict: "pending" });
    await judging.idle();
    expect(judging.verdict("1")).to.include({ claim: 2, digest: "0x2", verdict: "mismatch" });
  });
});

describe("waiting for verdicts", () => {
  async function ask(answers: readonly Verdict[]): Promise<number> {
    let asked = 0;
    const server = await serveRaw((_request, response) => {
      response.end(JSON.stringify(answers[Math.min(asked++, answers.length - 1)]));
    });
    try {
      await awaitVerdicts([server.url], 7n, { claim: 2, digest: "0x22" }, new AbortController().signal);
      return asked;
    } finally {
      await server.close();
    }
  }
  const of = (claim: number, digest: string, verdict: Verdict["verdict"]): Verdict => ({
    job: "7",
    claim,
    digest,
    verdict,
    detail: "",
  });

  it("takes no verdict of an older claim, of the same number on another fork, or from before there was one", async () => {
    const answers = [of(0, "", "unknown"), of(1, "0x11", "match"), of(1, "0x11", "mismatch"), of(2, "0x23", "match")];
    expect(await ask([...answers, of(2, "0x22", "match")])).to.equal(5);
  });

  it("stops at a mismatch, and at a watcher that can't judge", async () => {
    await expectGlassboxError(ask([of(2, "0x22", "mismatch")]), "check", "WORKER_WATCHER_MISMATCH");
    await expectGlassboxError(ask([of(2, "0x22", "unknown")]), "check", "WORKER_WATCHER_UNABLE");
  });
});
