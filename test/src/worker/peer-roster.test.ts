import { expect } from "chai";

import type { PartPeer } from "../../../src/worker/part-client.ts";
import { PeerRoster } from "../../../src/worker/peer-roster.ts";
import { testKey } from "../../support/stub-job.ts";

describe("peer roster", () => {
  let now: number;
  let roster: PeerRoster;
  const [good, bad] = ["good", "bad"].map((name): PartPeer => {
    const { address } = testKey(name);
    return { operator: address, signer: address, url: `http://${name}`, slots: 1 };
  }) as [PartPeer, PartPeer];
  const peers = [bad, good];

  beforeEach(() => {
    now = 0;
    roster = new PeerRoster(() => now);
  });

  it("gives nobody two parts at once", () => {
    const finish = roster.begin(bad);
    expect(roster.free(peers)).to.deep.equal([good]);
    finish(true);
    expect(roster.free(peers)).to.deep.equal(peers);
  });

  it("spreads parts over whoever has the fewest, as many at once as each computes", () => {
    const strong = { ...good, slots: 3 };
    expect(roster.free([strong, bad])).to.deep.equal([strong, bad, strong, strong]);
    const finish = roster.begin(strong);
    expect(roster.free([strong, bad])).to.deep.equal([bad, strong, strong]);
    roster.begin(bad);
    expect(roster.free([strong, bad])).to.deep.equal([strong, strong]);
    finish(true);
    expect(roster.free([strong, bad])).to.deep.equal([strong, strong, strong]);
  });

  it("lets whoever fails rest, four times as long each time, and forgives after a success", () => {
    for (const restMs of [2_000, 8_000, 32_000, 128_000, 512_000, 600_000, 600_000]) {
      roster.begin(bad)(false);
      now += restMs - 1;
      expect(roster.free(peers)).to.deep.equal([good]);
      now += 1;
      expect(roster.free(peers)).to.deep.equal(peers);
    }
    roster.begin(bad)(true);
    roster.begin(bad)(false);
    now += 2_000;
    expect(roster.free(peers)).to.deep.equal(peers);
  });

  it("asks those who rest again when there is nobody else", () => {
    for (let i = 0; i < 5; i++) roster.begin(bad)(false);
    expect(roster.free([bad])).to.deep.equal([]);
    now += 2_000;
    expect(roster.free([bad])).to.deep.equal([bad]);
    roster.begin(good);
    expect(roster.free(peers)).to.deep.equal([]);
  });

  it("waits for a part as long as others show that it takes, in whole milliseconds", () => {
    expect(roster.timeoutMs).to.equal(120_000);
    const quick = roster.begin(good);
    now += 5.25;
    quick(true);
    expect(roster.timeoutMs).to.equal(30_000);
    const slow = roster.begin(good);
    now += 4_321.125;
    slow(true);
    expect(roster.timeoutMs).to.equal(43_212);
    const slowest = roster.begin(good);
    now += 90_000;
    slowest(true);
    expect(roster.timeoutMs).to.equal(120_000);
  });
});
