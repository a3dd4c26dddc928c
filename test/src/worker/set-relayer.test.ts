import { expect } from "chai";

import { chainTime } from "../../../src/chain/read.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import type { Hex } from "../../../src/core/bytes.ts";
import { encodeTable, tableHash } from "../../../src/staking/table.ts";
import { tableFromHistory } from "../../../src/staking/table-history.ts";
import { headerVote } from "../../../src/staking/vote.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import {
  ensureInboxOf,
  type RelayEvent,
  relayOnce,
  relaySets,
  type SetRelayerOptions,
} from "../../../src/worker/set-relayer.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import {
  certificateArgument,
  certify,
  EPOCH_SECONDS,
  MAX_AGE_SECONDS,
  type QuorumChain,
  type ServiceChain,
  startQuorumChain,
  startServiceChain,
} from "../../support/quorum-chain.ts";
import { type SignerServers, startSigners } from "../../support/signer-servers.ts";

describe("set relayer", function () {
  this.timeout(60_000);

  let chain: QuorumChain;
  let remote: ServiceChain;
  let signers: SignerServers;
  let events: RelayEvent[];

  beforeEach(async () => {
    chain = await startQuorumChain(4);
    const { home, provider } = chain;
    const genesis = await tableFromHistory(home, await chain.epoch());
    remote = await startServiceChain(home, genesis, await chainTime(provider));
    signers = await startSigners(home, chain.validators);
    events = [];
    await pass(EPOCH_SECONDS);
  });

  afterEach(async () => {
    await signers.close();
  });

  async function pass(seconds: number): Promise<void> {
    await chain.pass(seconds);
    // A little later, as another chain's clock is.
    await remote.pass(seconds + 30);
  }

  async function options(changed: Partial<SetRelayerOptions> = {}): Promise<SetRelayerOptions> {
    return {
      home: chain.home,
      remote,
      homeSender: await TxSender.create(chain.signers[10]!),
      remoteSender: remote.sender,
      urls: (operator: Hex) => Promise.resolve(signers.url(operator)),
      pollMs: 10,
      logger: createLogger("test", "silent"),
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      ...changed,
    };
  }

  it("builds the home table, collects the header's votes and advances the inbox", async () => {
    const epoch = await chain.epoch();
    expect(await relayOnce(await options())).to.equal(true);
    const { hash } = await tableFromHistory(chain.home, epoch);
    expect(await remote.inbox.newestEpoch()).to.equal(epoch);
    const code = await remote.provider.getCode(await remote.inbox.tableOf(epoch));
    expect(tableHash(Buffer.from(code.slice(4), "hex"))).to.equal(hash);
    expect(events.map(({ event }) => event)).to.deep.equal(["built", "advanced"]);
    expect(events[1]).to.include({ epoch, signersEpoch: epoch - 1n, absent: 0 });
    expect(await relayOnce(await options())).to.equal(true);
    expect(events).to.have.length(2);
  });

  it("does without absentees as long as more than two thirds sign", async () => {
    await signers.stop(chain.validators[2]!.operator);
    expect(await relayOnce(await options())).to.equal(true);
    expect(events.at(-1)).to.include({ event: "advanced", absent: 1 });
    await pass(EPOCH_SECONDS);
    await signers.stop(chain.validators[0]!.operator);
    expect(await relayOnce(await options())).to.equal(false);
    expect(await remote.inbox.newestEpoch()).to.equal((await chain.epoch()) - 1n);
  });

  it("goes on where it was when it is killed between build and advance", async () => {
    const stop = new AbortController();
    const onEvent = (event: RelayEvent): void => {
      events.push(event);
      if (event.event === "built") stop.abort();
    };
    await relaySets(await options({ signal: stop.signal, onEvent }));
    const epoch = await chain.epoch();
    expect(events.map(({ event }) => event)).to.deep.equal(["built"]);
    expect(await remote.inbox.newestEpoch()).to.equal(epoch - 1n);

    expect(await relayOnce(await options())).to.equal(true);
    expect(events.map(({ event }) => event)).to.deep.equal(["built", "advanced"]);
    expect(await remote.inbox.newestEpoch()).to.equal(epoch);
  });

  it("takes another relayer's advance for done", async () => {
    const others = await Promise.all([options(), options({ homeSender: await TxSender.create(chain.signers[11]!) })]);
    expect(await Promise.all(others.map(relayOnce))).to.deep.equal([true, true]);
    expect(await remote.inbox.newestEpoch()).to.equal(await chain.epoch());
  });

  it("waits for a service's chain that is behind", async () => {
    await chain.pass(EPOCH_SECONDS);
    expect(await relayOnce(await options())).to.equal(false);
    expect(events).to.deep.equal([]);
    await remote.pass(EPOCH_SECONDS);
    expect(await relayOnce(await options())).to.equal(true);
    expect(events.at(-1)).to.include({ signersEpoch: (await chain.epoch()) - 2n });
  });

  it("ends at an inbox that is dead", async () => {
    await pass(MAX_AGE_SECONDS);
    const relayer = await options();
    expect(await rejectionCodeOf(() => relaySets(relayer))).to.equal("WORKER_INBOX_DEAD");
  });

  it("ends at an inbox with a false table, and signs nothing for it", async () => {
    const { home, validators } = chain;
    const epoch = await chain.epoch();
    const current = await tableFromHistory(home, epoch - 1n);
    const table = encodeTable([{ key: current.validators[0]!.key, weight: 5n }]);
    const vote = headerVote(home.serviceId, epoch - 1n, epoch, tableHash(table));
    const certificate = certificateArgument(certify(home, current, vote, validators));
    await remote.sender.send(remote.inbox.advance.populateTransaction(epoch, table, certificate));
    await pass(EPOCH_SECONDS);
    const relayer = await options();
    expect(await rejectionCodeOf(() => relaySets(relayer))).to.equal("WORKER_INBOX_FALSE");
  });

  it("refuses an inbox of another service, or one that outlives its evidence", async () => {
    const other = { ...chain.home, serviceId: 2 };
    expect(await rejectionCodeOf(() => ensureInboxOf(other, remote))).to.equal("WORKER_INBOX_FOREIGN");
    const short = { ...chain.home, delaySeconds: BigInt(MAX_AGE_SECONDS) };
    expect(await rejectionCodeOf(() => ensureInboxOf(short, remote))).to.equal("WORKER_INBOX_FOREIGN");
  });
});
