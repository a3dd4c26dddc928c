import { expect } from "chai";

import { compareTable, tableFromHistory, TableHistory } from "../../../src/staking/table-history.ts";
import { blsPublicKey } from "../../../src/crypto/bls.ts";
import { equalBytes } from "../../../src/core/bytes.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import {
  DELAY_SECONDS,
  enterValidator,
  EPOCH_SECONDS,
  joinSeat,
  newValidator,
  type QuorumChain,
  startQuorumChain,
} from "../../support/quorum-chain.ts";

describe("table from history", function () {
  this.timeout(60_000);

  let chain: QuorumChain;

  before(async () => {
    chain = await startQuorumChain(4, 6);
  });

  it("is the table that the home chain builds, in the order of seats", async () => {
    const { home, validators } = chain;
    const epoch = await chain.epoch();
    expect(await compareTable(home, epoch)).to.include({ address: undefined, isSame: false });
    await validators[0]!.sender.send(home.quorum.buildTable.populateTransaction(home.serviceId, epoch, 6));
    const compared = await compareTable(home, epoch);
    expect(compared).to.include({ isSame: true, address: await home.quorum.tableOf(home.serviceId, epoch) });
    expect(compared.validators.map(({ seat, operator }) => [seat, operator])).to.deep.equal(
      validators.map(({ operator }, seat) => [seat, operator]),
    );
    const hasKeys = compared.validators.every(({ key }, i) => equalBytes(key, blsPublicKey(validators[i]!.secretKey)));
    expect(hasKeys).to.equal(true);
  });

  it("leaves out who quits, is jailed or has no key, and stays what it was for epochs before", async () => {
    const { home, validators, signers } = chain;
    const before = await chain.epoch();
    const old = await tableFromHistory(home, before);
    const [, leaving] = validators;
    await leaving!.sender.send(home.contracts.ServiceRegistry.quit.populateTransaction(home.serviceId));
    const joining = await newValidator(signers[7]!);
    await enterValidator(home, joining);
    await joinSeat(home, joining, 5);
    await chain.pass(2 * EPOCH_SECONDS);
    const next = await chain.epoch();
    const during = await tableFromHistory(home, next);
    expect(during.validators.map(({ seat }) => seat)).to.deep.equal([0, 2, 3]);
    expect((await tableFromHistory(home, before)).hash).to.equal(old.hash);

    await chain.pass(DELAY_SECONDS + 2 * EPOCH_SECONDS);
    const later = await tableFromHistory(home, await chain.epoch());
    expect(later.validators.map(({ seat }) => seat)).to.deep.equal([0, 2, 3, 5]);
    // Too old to be built by now: the chain is asked at the block in which the epoch began.
    expect((await tableFromHistory(home, before)).hash).to.equal(old.hash);
    expect((await tableFromHistory(home, next)).hash).to.equal(during.hash);
  });

  it("reads a table once", async () => {
    const tables = new TableHistory(chain.home);
    const epoch = await chain.epoch();
    expect(tables.at(epoch)).to.equal(tables.at(epoch));
  });

  it("refuses epochs without a table", async () => {
    const { home } = chain;
    const epoch = await chain.epoch();
    expect(await rejectionCodeOf(() => tableFromHistory(home, epoch + 1n))).to.equal("STAKING_EPOCH_FUTURE");
    expect(await rejectionCodeOf(() => tableFromHistory(home, 0n))).to.equal("STAKING_EPOCH_ZERO");
    const without = { ...home, seats: 0 };
    expect(await rejectionCodeOf(() => tableFromHistory(without, epoch))).to.equal("STAKING_NO_SEATS");
  });
});
