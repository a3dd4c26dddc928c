import { expect } from "chai";

import { Health } from "../../../src/telemetry/health.ts";

describe("health", () => {
  it("fails while something that has to happen does not, and is well again when it does", () => {
    let now = 0;
    const health = new Health(() => now);
    const beat = health.expect("chain", 1_000, new AbortController().signal);
    expect(health.report()).to.deep.equal({ status: "ok", checks: { chain: "ok" } });
    now = 3_001;
    expect(health.report()).to.deep.equal({ status: "failing", checks: { chain: "nothing for 3 s" } });
    beat();
    expect(health.report().status).to.equal("ok");
  });

  it("looks at nothing that is over, and says when it drains", () => {
    const health = new Health();
    const over = new AbortController();
    health.add("queue", () => "out of reach", over.signal);
    expect(health.report()).to.deep.equal({ status: "failing", checks: { queue: "out of reach" } });
    over.abort();
    expect(health.report()).to.deep.equal({ status: "ok", checks: {} });
    health.drain();
    expect(health.report().status).to.equal("draining");
  });
});
