import { expect } from "chai";
import { ZeroAddress } from "ethers";

import type { Meddling } from "../../../../src/compute/dispute/detail.ts";
import { collectBounties, unpaidBounties } from "../../../../src/worker/dispute/winnings.ts";
import { makeClaim } from "../../../support/disputes/author.ts";
import { ledgerChange, readLedger } from "../../../support/disputes/ledger.ts";
import { defend, partsOf, until, watchClaim } from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage } from "../../../support/disputes/stage.ts";
import { everyOperation } from "../../../support/every-operation.ts";

const EPOCH_SECONDS = 3_600;
const BURN_ADDRESS = "0x000000000000000000000000000000000000dEaD";

describe("what a won game brings", function () {
  this.timeout(600_000);

  let stage: DisputeStage;

  before(async () => {
    stage = await setStage();
    const jobId = await stage.openJob(everyOperation(2, 3), 2);
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "init") elements[0] = 5;
      return undefined;
    };
    const made = await makeClaim(stage, jobId, { at: { section: "init", round: 0, part: 0 }, meddling });
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId);
    await end();
  });

  const place = () => ({ provider: stage.provider, fromBlock: 0 });
  const unpaid = (player: "challenger" | "rival") =>
    unpaidBounties(stage.contracts, place(), stage.senders[player].address);

  it("leaves nothing that is yet to be burnt", async () => {
    const { JobRegistry, StakePool, Token } = stage.contracts;
    expect([await JobRegistry.owedWei(BURN_ADDRESS), await StakePool.owedWei(ZeroAddress)]).to.deep.equal([0n, 0n]);
    const bondWei = TERMS.claimBondWei - TERMS.claimBondWei / 2n;
    expect(await Token.balanceOf(BURN_ADDRESS)).to.equal(bondWei + TERMS.coverageWei - TERMS.bountyWei);
  });

  it("is a bounty, which the winner claims once it falls due, and nobody else", async () => {
    expect((await unpaid("challenger")).map(({ amountWei }) => amountWei)).to.deep.equal([TERMS.bountyWei]);
    expect(await unpaid("rival")).to.deep.equal([]);
    const { Token } = stage.contracts;
    const { address } = stage.senders.challenger;
    const before = { ledger: await readLedger(stage), tokens: await Token.balanceOf(address) };
    const stop = new AbortController();
    const collecting = Promise.all(
      (["challenger", "rival"] as const).map((player) =>
        collectBounties({ ...partsOf(stage, player), ...place() }, stop.signal),
      ),
    );
    await stage.passSeconds(1);
    expect((await unpaid("challenger")).length).to.equal(1);
    await stage.passSeconds(EPOCH_SECONDS);
    await until(async () => (await unpaid("challenger")).length === 0);
    stop.abort();
    await collecting;
    expect((await Token.balanceOf(address)) - before.tokens).to.equal(TERMS.bountyWei);
    expect(ledgerChange(before.ledger, await readLedger(stage))).to.deep.equal({});
  });
});
