import { expect } from "chai";

import { summaryText } from "../../../../src/cli/demo/summary.ts";

describe("summary of the demo", () => {
  it("shows money in tokens, and what is left behind in wei", () => {
    const json = {
      accuracy: 0.9475,
      samples: 16_384,
      storageWorkers: 3,
      computeWorkers: 3,
      inferencesProven: 10,
      slashed: 2,
      slashedWei: "50000000000000000000",
      burntWei: "48000000000000000000",
      bountyWei: "2000000000000000000",
      dispute: {
        author: `0x${"ab".repeat(20)}`,
        moves: 9,
        gas: "912345",
        bondWei: "100000000000000000001",
        bondBurntWei: "50000000000000000001",
        bondWonWei: "50000000000000000000",
        slashedWei: "1000000000000000000",
      },
      revenueWei: "864197523086419760",
      claimedWei: "864197523086419756",
      spentWei: "1234567890123456790",
      workerWei: "370370367037037030",
      verify: "pass" as const,
      gas: "43408237",
      seconds: 448.8,
    };
    const text = summaryText({ json, holders: 11 }, [{ step: "Deploy", seconds: 1, gas: 0n }]);
    expect(text).to.contain("money in   1.23456789012345679 tokens paid for 10 proven answers");
    expect(text).to.contain(
      "0.37037036703703703 tokens to the worker + 0.864197523086419756 tokens to 11 shareholders",
    );
    expect(text).to.contain("+ 4 wei of fractions left behind");
    expect(text).to.contain(`disputed   claim of 0x${"ab".repeat(20)}, refuted in 9 moves and 912345 gas`);
    expect(text).to.contain(
      "100.000000000000000001 tokens of bond lost = 50.000000000000000001 tokens burnt + 50 tokens to the watcher",
    );
    expect(text).to.contain("slashed    50 tokens of 2 operators = 48 tokens burnt + 2 tokens to who reported");
  });
});
