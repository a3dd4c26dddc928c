import { expect } from "chai";
import { parseEther } from "ethers";

import { DEVELOPMENT_PEOPLE_SEED } from "../../src/cli/actions/publish-dataset.ts";
import type { DemoJson } from "../../src/cli/demo/summary.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../src/core/chain-ids.ts";
import { developmentPeople } from "../../src/models/development-dataset.ts";
import { runProcess } from "../support/command-line.ts";
import { Scratch } from "../support/scratch.ts";

describe("glassbox demo", function () {
  this.timeout(900_000);

  const scratch = new Scratch();
  let stdout: string;
  let summary: DemoJson;

  before(async () => {
    const outcome = await runProcess(["demo", "--json"], scratch.environment);
    expect(outcome.code, outcome.stderr).to.equal(0);
    stdout = outcome.stdout;
    summary = JSON.parse(stdout) as DemoJson;
  });

  after(() => {
    scratch.remove();
  });

  it("prints one line of JSON", () => {
    expect(stdout).to.match(/^\{[^\n]+\}\n$/);
  });

  it("trains a model worth owning on real digits, together", () => {
    expect(summary.accuracy).to.be.within(0.93, 1);
    expect(summary.samples).to.be.at.least(10_000);
    expect(summary.storageWorkers).to.equal(3);
    expect(summary.computeWorkers).to.equal(3);
  });

  it("sells proven answers, and every wei that came in went out", () => {
    const [spentWei, workerWei, revenueWei, claimedWei] = (
      ["spentWei", "workerWei", "revenueWei", "claimedWei"] as const
    ).map((name) => BigInt(summary[name])) as [bigint, bigint, bigint, bigint];
    const { contributors, labellers } = developmentPeople(DEVELOPMENT_CHAIN_ID, DEVELOPMENT_PEOPLE_SEED);
    const initiator = 1;
    const holders = contributors.length + labellers.length + initiator + summary.computeWorkers;
    expect(summary.inferencesProven).to.equal(10);
    expect(workerWei > 0n && revenueWei > 0n).to.equal(true);
    expect(spentWei).to.equal(workerWei + revenueWei);
    expect(Number(revenueWei - claimedWei)).to.be.within(0, holders - 1);
  });

  it("catches and slashes the trainer, the worker that lost its data and the operator that voted twice", () => {
    expect(summary.slashed).to.equal(3);
  });

  it("refutes the training with an altered number on chain: half of the bond is burnt, half the watcher's", () => {
    const { moves, gas, ...amounts } = summary.dispute;
    const [bondWei, burntWei, wonWei, slashedWei] = (
      ["bondWei", "bondBurntWei", "bondWonWei", "slashedWei"] as const
    ).map((name) => BigInt(amounts[name])) as [bigint, bigint, bigint, bigint];
    expect(moves).to.be.within(6, 12);
    expect(Number(gas)).to.be.within(1, 1_500_000);
    expect({ sum: burntWei + wonWei, wonWei }).to.deep.equal({ sum: bondWei, wonWei: bondWei / 2n });
    expect(slashedWei > 0n && slashedWei < BigInt(summary.slashedWei)).to.equal(true);
  });

  it("burns what it slashed, but for a bounty of at most a twentieth", () => {
    const [slashedWei, burntWei, bountyWei] = (["slashedWei", "burntWei", "bountyWei"] as const).map((name) =>
      BigInt(summary[name]),
    ) as [bigint, bigint, bigint];
    expect(slashedWei).to.equal(burntWei + bountyWei);
    expect(bountyWei > 0n && 20n * bountyWei <= slashedWei).to.equal(true);
    // All that the operator's votes put at risk, its delegator's half included.
    expect(slashedWei > parseEther("3500")).to.equal(true);
  });

  it("verifies", () => {
    expect(summary.verify).to.equal("pass");
  });

  it("leaves no process and no file behind", () => {
    expect(scratch.processes()).to.deep.equal([]);
    expect(scratch.files()).to.deep.equal([]);
  });
});
