import { expect } from "chai";

import { showDuration, showTime } from "../../../src/cli/times.ts";

describe("times", () => {
  it("shows people lengths of time, and how far a time is", () => {
    const durations = [
      [0n, "0 seconds"],
      [1n, "1 second"],
      [61n, "1 minute 1 second"],
      [3_600n, "1 hour"],
      [3_601n, "1 hour"],
      [7n * 86_400n + 3_600n, "7 days 1 hour"],
      [2n * 86_400n - 1n, "1 day 23 hours"],
    ] as const;
    for (const [seconds, shown] of durations) expect(showDuration(seconds)).to.equal(shown);
    expect(showTime(1_800_000_000n, 1_799_996_400n)).to.equal("2027-01-15 08:00:00 UTC (in 1 hour)");
    expect(showTime(1_800_000_000n, 1_800_000_060n)).to.equal("2027-01-15 08:00:00 UTC (1 minute ago)");
    expect(showTime(1_800_000_000n, 1_800_000_000n)).to.equal("2027-01-15 08:00:00 UTC (now)");
  });
});
