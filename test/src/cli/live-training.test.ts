import { expect } from "chai";

import { LiveTraining } from "../../../src/cli/live-training.ts";
import { trainRounds } from "../../../src/compute/training.ts";
import { stubJob } from "../../support/stub-job.ts";

describe("line of a training", () => {
  it("tells rounds, workers, speed, loss and accuracy", async () => {
    const job = await stubJob().load();
    let now = 0;
    const live = new LiveTraining(() => now);
    const [first, second] = [...trainRounds(job, 2)];
    const one = live.line(job, { round: 1, workers: 1, weights: first!.next });
    expect(one).to.match(/^round 1 of 2, 1 worker, loss \d+\.\d{3}, accuracy [01]\.\d{3} in training$/);
    now = 500;
    const two = live.line(job, { round: 2, workers: 3, weights: second!.next });
    expect(two).to.match(/^round 2 of 2, 3 workers, 18 steps\/s, loss \d+\.\d{3}, accuracy [01]\.\d{3} in training$/);
  });
});
