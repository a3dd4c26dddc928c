import { expect } from "chai";

import { Health } from "../../../src/telemetry/health.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { startStatusServer } from "../../../src/worker/status-server.ts";
import { partsSigned } from "../../../src/worker/worker-metrics.ts";

describe("status server", () => {
  const health = new Health();
  let status: Awaited<ReturnType<typeof startStatusServer>>;

  before(async () => {
    status = await startStatusServer("127.0.0.1", 0, createLogger("test", "silent"), health);
  });
  after(() => status.close());

  it("gives the process's numbers in Prometheus' form", async () => {
    partsSigned.inc({ source: "kept" }, 3);
    const response = await fetch(`${status.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get("content-type")).to.match(/^text\/plain; version=/);
    expect(text).to.match(/^glassbox_parts_signed_total\{source="kept"\} \d+$/m);
    expect(text).to.match(/^process_resident_memory_bytes \d+$/m);
    const again = await (await fetch(`${status.url}/metrics`)).text();
    expect(again).to.match(/^glassbox_http_requests_total\{method="GET",route="\/metrics",status="200"\} \d+$/m);
  });

  it("says by its status whether all is well", async () => {
    const over = new AbortController();
    let problem: string | undefined;
    health.add("queue", () => problem, over.signal);
    try {
      const well = await fetch(`${status.url}/health`);
      expect(well.status).to.equal(200);
      expect(await well.json()).to.have.nested.property("checks.queue", "ok");
      problem = "the server is out of reach";
      const failing = await fetch(`${status.url}/health`);
      expect(failing.status).to.equal(503);
      expect(await failing.json()).to.have.nested.property("checks.queue", problem);
    } finally {
      over.abort();
    }
  });
});
