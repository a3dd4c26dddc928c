import { expect } from "chai";
import { Wallet } from "ethers";

import { fromHex, type Hex, toHex } from "../../../src/core/bytes.ts";
import { signVote } from "../../../src/crypto/bls.ts";
import { blsPublicKey } from "../../../src/crypto/bls.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { evidenceCommitment, keyVotesEvidence, signerVotesEvidence } from "../../../src/staking/evidence.ts";
import { positionHash, voteDigest } from "../../../src/staking/vote.ts";
import type { Conflict } from "../../../src/staking/vote-book.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { EvidenceReporter } from "../../../src/worker/evidence-reporter.ts";
import { EPOCH_SECONDS, type QuorumChain, startQuorumChain } from "../../support/quorum-chain.ts";
import { voteFor } from "../../support/service-terms.ts";

describe("evidence reporter", function () {
  this.timeout(60_000);

  let chain: QuorumChain;
  let slot = 0n;

  before(async () => {
    chain = await startQuorumChain(3);
  });

  const tick = (): Promise<unknown> => chain.provider.send("evm_mine", []);

  async function reporterOf(account: number, store = new MemoryStore()): Promise<EvidenceReporter> {
    const sender = await TxSender.create(chain.signers[account]!);
    return new EvidenceReporter({ home: chain.home, sender, store, logger: createLogger("test", "silent") });
  }

  /** Two BLS votes of a validator at a position of its own. */
  async function conflictOf(validator: number): Promise<Conflict> {
    const { home, validators } = chain;
    const { operator, secretKey } = validators[validator]!;
    const position = { serviceId: home.serviceId, epoch: await chain.epoch(), slot: slot++ };
    const [first, second] = [1, 2].map((payload) => {
      const vote = voteFor(payload, position);
      return { vote, payload: vote.payload, signature: signVote(voteDigest(home.domain, vote), secretKey) };
    });
    const evidence = keyVotesEvidence(first!.vote, blsPublicKey(secretKey), first!, second!);
    return { operator, offenceKey: positionHash(first!.vote), epoch: position.epoch, evidence };
  }

  const eventCount = async (name: "Committed" | "OffencePunished" | "BountyClaimed"): Promise<number> => {
    const { Slasher } = chain.home.contracts;
    const topics = Slasher.interface.encodeFilterTopics(Slasher.interface.getEventName(name), []);
    const logs = await chain.provider.getLogs({ address: await Slasher.getAddress(), topics, fromBlock: 0 });
    return logs.length;
  };

  const bountyOf = ({ operator, offenceKey }: Conflict) =>
    chain.home.contracts.Slasher.bounty(chain.home.serviceId, operator, offenceKey);

  it("commits, reports in a later second, and is paid after the window", async () => {
    const { home, signers } = chain;
    const { Token, StakePool } = home.contracts;
    const reporter = await reporterOf(10);
    const conflict = await conflictOf(0);
    const stakeWei = await StakePool.stakeOf(conflict.operator);
    expect(await reporter.enlist([conflict])).to.equal(1);
    await reporter.advance();
    expect(await StakePool.stakeOf(conflict.operator)).to.equal(stakeWei);
    await tick();
    await reporter.advance();
    expect(await StakePool.stakeOf(conflict.operator)).to.equal((stakeWei * 9n) / 10n);
    expect((await bountyOf(conflict)).receiver).to.equal(await signers[10]!.getAddress());

    await tick();
    await reporter.advance();
    expect(reporter.reports[0]).to.include({ stage: "reported" });
    await chain.pass(EPOCH_SECONDS + 1);
    const { amountWei } = await bountyOf(conflict);
    await reporter.advance();
    expect(reporter.reports[0]).to.include({ stage: "paid" });
    expect(await Token.balanceOf(await signers[10]!.getAddress())).to.equal(amountWei);
    expect(amountWei > 0n).to.equal(true);
  });

  it("reports the same conflict once, however often and in whatever form it is found", async () => {
    const reporter = await reporterOf(11);
    const conflict = await conflictOf(0);
    expect(await reporter.enlist([conflict])).to.equal(1);
    expect(await reporter.enlist([conflict, { ...conflict, evidence: "0x1234" }])).to.equal(0);
    const [committed, punished] = [await eventCount("Committed"), await eventCount("OffencePunished")];
    for (let block = 0; block < 4; block++) {
      await reporter.advance();
      await tick();
    }
    expect([await eventCount("Committed"), await eventCount("OffencePunished")]).to.deep.equal([
      committed + 1,
      punished + 1,
    ]);
    expect(await reporter.enlist([conflict])).to.equal(0);
  });

  it("goes on where it was when it is killed after any step, and takes no step twice", async () => {
    const store = new MemoryStore();
    const conflict = await conflictOf(1);
    const [committed, punished] = [await eventCount("Committed"), await eventCount("OffencePunished")];
    await (await reporterOf(12, store)).enlist([conflict]);
    for (let life = 0; life < 5; life++) {
      const reporter = await reporterOf(12, store);
      expect(await reporter.enlist([conflict])).to.equal(0);
      await reporter.advance();
      await tick();
    }
    expect([await eventCount("Committed"), await eventCount("OffencePunished")]).to.deep.equal([
      committed + 1,
      punished + 1,
    ]);
    await chain.pass(EPOCH_SECONDS + 1);
    await (await reporterOf(12, store)).advance();
    expect((await reporterOf(12, store)).reports[0]).to.include({ stage: "paid" });
  });

  it("learns from the chain that its report was included, if it died before it could keep that", async () => {
    const store = new MemoryStore();
    const reporter = await reporterOf(13, store);
    const conflict = await conflictOf(1);
    await reporter.enlist([conflict]);
    await reporter.advance();
    await tick();
    const before = new Map(store.keys("").map((key) => [key, store.get(key)]));
    await reporter.advance();
    await store.commit([...before].map(([key, value]) => ({ key, value })));
    const reopened = await reporterOf(13, store);
    expect(reopened.reports[0]).to.include({ stage: "found" });
    const punished = await eventCount("BountyClaimed");
    await tick();
    await reopened.advance();
    expect(reopened.reports[0]).to.include({ stage: "reported" });
    expect(await eventCount("BountyClaimed")).to.equal(punished);
  });

  it("keeps the bounty when its report is front-run: the earlier commitment wins", async () => {
    const { home, signers } = chain;
    const { Slasher } = home.contracts;
    const { serviceId } = home;
    const conflict = await conflictOf(2);
    const reporter = await reporterOf(14);
    await reporter.enlist([conflict]);
    await reporter.advance();

    const thief = await TxSender.create(signers[15]!);
    const salt = toHex(new Uint8Array(32).fill(7));
    const { evidence, operator, offenceKey } = conflict;
    const stolen = { serviceId, evidence, reporter: thief.address as `0x${string}`, salt };
    await thief.send(Slasher.commit.populateTransaction(evidenceCommitment(stolen)));
    await tick();
    await thief.send(Slasher.report.populateTransaction(serviceId, evidence, salt));
    expect((await bountyOf(conflict)).receiver).to.equal(thief.address);
    await tick();
    await reporter.advance();
    expect((await bountyOf(conflict)).receiver).to.equal(await signers[14]!.getAddress());
    expect(reporter.reports[0]).to.include({ stage: "reported" });
    expect(await Slasher.punishedWad(serviceId, operator, offenceKey)).to.equal(await home.equivocation.wad());
  });

  it("keeps the bounty when somebody copies its evidence into a plain submission", async () => {
    const { home, signers } = chain;
    const conflict = await conflictOf(2);
    const reporter = await reporterOf(14);
    await reporter.enlist([conflict]);
    await reporter.advance();
    const copier = await TxSender.create(signers[15]!);
    await copier.send(home.contracts.Slasher.submit.populateTransaction(home.serviceId, conflict.evidence));
    await tick();
    await reporter.advance();
    expect((await bountyOf(conflict)).receiver).to.equal(await signers[14]!.getAddress());
  });

  it("gives up what an older commitment has won, and sends nothing for it", async () => {
    const { home, signers } = chain;
    const { Slasher } = home.contracts;
    const conflict = await conflictOf(2);
    const [first, second] = [await reporterOf(14), await reporterOf(15)];
    for (const reporter of [first, second]) await reporter.enlist([conflict]);
    for (const reporter of [first, second]) await reporter.advance();
    await tick();
    await first.advance();
    await tick();
    const nonce = await chain.provider.getTransactionCount(await signers[15]!.getAddress());
    await second.advance();
    expect(second.reports[0]).to.include({ stage: "done" });
    expect(await chain.provider.getTransactionCount(await signers[15]!.getAddress())).to.equal(nonce);
    expect((await bountyOf(conflict)).receiver).to.equal(await signers[14]!.getAddress());
    expect(await Slasher.punishedWad(home.serviceId, conflict.operator, conflict.offenceKey)).to.not.equal(0n);
  });

  it("gives up evidence that the chain refuses for good", async () => {
    const reporter = await reporterOf(16);
    const conflict = { ...(await conflictOf(0)), epoch: 1n };
    const { operator, secretKey } = chain.validators[0]!;
    const pair = [1, 2].map((payload) => {
      const vote = voteFor(payload, { serviceId: chain.home.serviceId, epoch: 1n });
      return { vote, payload: vote.payload, signature: signVote(voteDigest(chain.home.domain, vote), secretKey) };
    });
    const evidence = keyVotesEvidence(pair[0]!.vote, blsPublicKey(secretKey), pair[0]!, pair[1]!);
    await reporter.enlist([{ ...conflict, operator, evidence }]);
    await reporter.advance();
    await tick();
    await reporter.advance();
    expect(reporter.reports[0]).to.deep.include({
      stage: "done",
      note: "the chain refused the evidence: SlasherExpiredOffence",
    });
    await reporter.dropClosed(BigInt((await chain.provider.getBlock("latest"))!.timestamp));
    expect(reporter.reports).to.deep.equal([]);
  });

  it("pays for no commitment to votes of an operator with nothing at stake", async () => {
    const { home, signers, provider } = chain;
    const { OperatorRegistry } = home.contracts;
    const stranger = Wallet.createRandom();
    const operator = signers[17]!;
    const registering = await TxSender.create(operator);
    await registering.send(OperatorRegistry.register.populateTransaction(stranger.address, ""));
    const position = { serviceId: home.serviceId, epoch: await chain.epoch(), slot: slot++ };
    const [first, second] = [1, 2].map((payload) => {
      const vote = voteFor(payload, position);
      const signature = fromHex(stranger.signingKey.sign(voteDigest(home.domain, vote)).serialized);
      return { vote, payload: vote.payload, signature };
    });
    const conflict = {
      operator: (await operator.getAddress()) as Hex,
      offenceKey: positionHash(first!.vote),
      epoch: position.epoch,
      evidence: signerVotesEvidence(first!.vote, first!, second!),
    };
    const reporter = await reporterOf(18);
    await reporter.enlist([conflict]);
    await reporter.advance();
    expect(reporter.reports[0]).to.deep.include({
      stage: "done",
      note: "the chain refused the evidence: SlasherNotMember",
    });
    expect(await provider.getTransactionCount(await signers[18]!.getAddress())).to.equal(0);
  });
});
