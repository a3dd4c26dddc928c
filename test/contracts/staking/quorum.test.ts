import type { HardhatEthersSigner as Signer } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";

import { toHex } from "../../../src/core/bytes.ts";
import { signVote } from "../../../src/crypto/bls.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { guiltyRowEvidence, keyVotesEvidence, signerVotesEvidence } from "../../../src/staking/evidence.ts";
import { decodeTable, encodeTable, tableHash } from "../../../src/staking/table.ts";
import { headerVote, positionHash, type Vote, voteDigest } from "../../../src/staking/vote.ts";
import { blsValidators, certify, rowsOf } from "../../support/bls-validators.ts";
import { payload, quorumHome, readTable } from "../../support/quorum-home.ts";
import { type Connection, EPOCH_SECONDS } from "../../support/staking-contracts.ts";

const SEATS = 64;
const REMOTE_CHAIN = 999;
const MAX_AGE_SECONDS = 5 * 86_400;

/** Tables, certificates and evidence with real keys, from TypeScript to the slash. */
describe("a quorum of 64 operators", function () {
  this.timeout(240_000);

  let connection: Connection;
  let home: Awaited<ReturnType<typeof quorumHome>>;

  before(async () => {
    connection = await network.create({ chainType: "l1" });
    home = await quorumHome(connection, SEATS);
    await home.quorum.buildTable(1, home.epoch, SEATS);
  });

  after(() => connection.close());

  /** A vote at a position of its own. */
  const voteFor = (slot: bigint, name: string): Vote => ({
    serviceId: 1,
    epoch: home.epoch,
    slot,
    round: 0,
    voteType: 2,
    payload: payload(name),
  });
  const certifyVote = (vote: Vote, absentees: readonly number[] = []) =>
    certify(home.validators, voteDigest(home.home, vote), absentees);
  const stakes = () => Promise.all(home.validators.map(({ wallet }) => home.pool.stakeOf(wallet.address)));

  it("has the table that TypeScript encodes", async () => {
    const { quorum, epoch, validators } = home;
    const table = await readTable(connection, await quorum.tableOf(1, epoch));
    expect(toHex(table)).to.equal(toHex(encodeTable(rowsOf(validators))));
    expect(decodeTable(table)).to.deep.equal(rowsOf(validators));
    const codeHash = connection.ethers.keccak256(
      await connection.ethers.provider.getCode(await quorum.tableOf(1, epoch)),
    );
    expect(codeHash).to.equal(tableHash(table));
  });

  it("certifies votes, with the digest of TypeScript", async () => {
    const vote = voteFor(1n, "a");
    expect(await home.quorum.voteDigest(vote)).to.equal(toHex(voteDigest(home.home, vote)));
    const signers = await home.quorum.verify(vote, certifyVote(vote, [3, 40]));
    expect(signers).to.equal(((1n << 64n) - 1n) ^ (1n << 3n) ^ (1n << 40n));
  });

  it("loses its stake for two conflicting certificates, all but who signed only one", async () => {
    const { slasher, verifier, validators, services, epoch } = home;
    const [vote, other] = [voteFor(2n, "a"), voteFor(2n, "b")];
    const absentees = [0, 1, 2];
    const [first, second] = [certifyVote(vote, absentees), certifyVote(other, [10, 63])];
    const guilty = validators.map((_, i) => i).filter((i) => ![...absentees, 10, 63].includes(i));
    const before = await stakes();

    await verifier.recordConflict(vote, other.payload, first, second);
    const bits = guilty.reduce((sum, i) => sum | (1n << BigInt(i)), 0n);
    expect(await verifier.guiltyRows(positionHash(vote))).to.equal(bits);
    await expect(verifier.recordConflict(vote, other.payload, first, second))
      .to.be.revertedWithCustomError(verifier, "EquivocationVerifierNothingNew")
      .withArgs(positionHash(vote), bits);

    for (const row of guilty) {
      await expect(slasher.submit(1, guiltyRowEvidence(vote, row))).to.emit(slasher, "OffencePunished");
    }
    for (const row of [...absentees, 10, 63]) {
      await expect(slasher.submit(1, guiltyRowEvidence(vote, row)))
        .to.be.revertedWithCustomError(verifier, "EquivocationVerifierRowNotGuilty")
        .withArgs(positionHash(vote), row);
    }
    const after = await stakes();
    expect(after).to.deep.equal(before.map((stake, i) => (guilty.includes(i) ? 0n : stake)));
    const [row = 0] = guilty;
    expect(await services.isJailedAt(1, validators[row]!.wallet.address, await connection.networkHelpers.time.latest()))
      .to.be.true;

    // The same offence in another form is no second one.
    const { key, secretKey, wallet } = validators[row]!;
    const sign = ({ payload: signed, ...position }: Vote) => ({
      payload: signed,
      signature: signVote(voteDigest(home.home, { ...position, payload: signed }), secretKey),
    });
    await expect(slasher.submit(1, keyVotesEvidence(vote, key, sign(vote), sign(other))))
      .to.be.revertedWithCustomError(slasher, "SlasherAlreadyPunished")
      .withArgs(1, wallet.address, positionHash(vote));
    expect(await home.quorum.tableOf(1, epoch)).not.to.equal(connection.ethers.ZeroAddress);
  });

  it("loses the stake of whoever signs two votes, by either key", async () => {
    const { slasher, validators, pool } = home;
    const [vote, other] = [voteFor(3n, "a"), voteFor(3n, "b")];
    const [signer, voter] = [validators[0]!, validators[1]!];
    const digests = [vote, other].map((each) => voteDigest(home.home, each)) as [Uint8Array, Uint8Array];

    const secret = connection.ethers.getBytes(signer.wallet.privateKey);
    const bySigner = signerVotesEvidence(
      vote,
      { payload: vote.payload, signature: signDigest(digests[0], secret) },
      { payload: other.payload, signature: signDigest(digests[1], secret) },
    );
    await slasher.submit(1, bySigner);
    expect(await pool.stakeOf(signer.wallet.address)).to.equal(0n);

    const byKey = keyVotesEvidence(
      vote,
      voter.key,
      { payload: vote.payload, signature: signVote(digests[0], voter.secretKey) },
      { payload: other.payload, signature: signVote(digests[1], voter.secretKey) },
    );
    await slasher.submit(1, byKey);
    expect(await pool.stakeOf(voter.wallet.address)).to.equal(0n);
    await expect(slasher.submit(1, byKey)).to.be.revertedWithCustomError(slasher, "SlasherAlreadyPunished");
  });

  it("moves an inbox to the next epoch, and pays for a header that lies", async () => {
    const { quorum, verifier, slasher, epoch, services, pool, validators } = home;
    const { ethers, networkHelpers } = connection;
    const genesis = await readTable(connection, await quorum.tableOf(1, epoch));
    const remote = await network.create({ override: { chainId: REMOTE_CHAIN } });
    await remote.networkHelpers.time.increaseTo(await networkHelpers.time.latest());
    const inbox = await remote.ethers.deployContract("ServiceInbox", [
      home.home.chainId,
      await services.getAddress(),
      1,
      EPOCH_SECONDS,
      MAX_AGE_SECONDS,
      epoch,
      genesis,
    ]);
    expect(await inbox.domainSeparator()).to.equal(await quorum.domainSeparator());

    const next = epoch + 1n;
    for (const chain of [networkHelpers, remote.networkHelpers]) {
      await chain.time.increaseTo(Number(next) * EPOCH_SECONDS);
    }
    await quorum.buildTable(1, next, SEATS);
    const table = await readTable(connection, await quorum.tableOf(1, next));
    // Whoever was slashed is in jail.
    expect(decodeTable(table)).to.have.length(3);

    const lie = encodeTable(rowsOf(validators).slice(0, 5));
    const header = headerVote(1, epoch, next, tableHash(lie));
    const certificate = certifyVote(header, [5]);
    await inbox.advance(next, lie, certificate);
    expect(await inbox.newestEpoch()).to.equal(next);

    await expect(verifier.recordFalseHeader(header, next, tableHash(lie), certificate))
      .to.emit(verifier, "OffenceRecorded")
      .withArgs(1, epoch, positionHash(header), ((1n << 64n) - 1n) ^ (1n << 5n));
    for (const row of [2, 10, 63]) {
      expect(await pool.stakeOf(validators[row]!.wallet.address)).not.to.equal(0n);
      await slasher.submit(1, guiltyRowEvidence(header, row));
      expect(await pool.stakeOf(validators[row]!.wallet.address)).to.equal(0n);
    }
    const truth = headerVote(1, epoch, next, tableHash(table));
    await expect(verifier.recordFalseHeader(truth, next, tableHash(table), certifyVote(truth)))
      .to.be.revertedWithCustomError(verifier, "EquivocationVerifierTrueHeader")
      .withArgs(next, tableHash(table));
    expect(ethers.ZeroAddress).not.to.equal(await quorum.tableOf(1, next));
    await remote.close();
  });
});

describe("a validator table", function () {
  this.timeout(120_000);

  it("is the same in one call at once and in pages later, whatever was done in between", async () => {
    const connection = await network.create({ chainType: "l1" });
    const { ethers, networkHelpers } = connection;
    const stage = await quorumHome(connection, 6);
    const { quorum, services, pool, slasher, token, validators, epoch, home } = stage;
    const expected = await ethers.deployContract("QuorumVerifier", [services]);
    await expected.buildTable(1, epoch, 6);

    const accounts = await Promise.all(validators.map(({ wallet }) => ethers.getImpersonatedSigner(wallet.address)));
    const [leaving, lowering, withdrawing, rekeyed, , growing] = accounts as [
      Signer,
      Signer,
      Signer,
      Signer,
      Signer,
      Signer,
    ];
    const slashed = validators[4]!;
    await services.connect(leaving).quit(1);
    await quorum.connect(growing).buildTable(1, epoch, 1);

    await services.connect(lowering).setMagnitude(1, 5n);
    await pool.connect(withdrawing).requestWithdraw(withdrawing, 50n);
    await stage.setBlsKey(rekeyed, blsValidators(7)[6]!);
    await token.mint(growing, 1_000n);
    await token.connect(growing).approve(pool, 1_000n);
    await pool.connect(growing).deposit(growing, 1_000n, 0n);
    await networkHelpers.time.increase(86_400);
    await quorum.connect(leaving).buildTable(1, epoch, 3);

    const position = { serviceId: 1, epoch, slot: 1n, round: 0, voteType: 2 };
    const [first, second] = ["a", "b"].map((name) => {
      const vote = { ...position, payload: payload(name) };
      return { payload: vote.payload, signature: signVote(voteDigest(home, vote), slashed.secretKey) };
    });
    await slasher.submit(1, keyVotesEvidence(position, slashed.key, first!, second!));
    await networkHelpers.time.increaseTo(Number(epoch) * EPOCH_SECONDS + 7 * 86_400 - 2);
    await quorum.buildTable(1, epoch, 100);
    const built = await readTable(connection, await quorum.tableOf(1, epoch));
    expect(toHex(built)).to.equal(toHex(await readTable(connection, await expected.tableOf(1, epoch))));
    expect(toHex(built)).to.equal(toHex(encodeTable(rowsOf(validators))));
    await connection.close();
  });
});
