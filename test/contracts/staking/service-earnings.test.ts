import { expect } from "chai";
import type { BigNumberish } from "ethers";
import { network } from "hardhat";

import type { Hex } from "../../../src/core/bytes.ts";
import { EarningsFile, earningsVote } from "../../../src/staking/earnings.ts";
import { voteDigest } from "../../../src/staking/vote.ts";
import { certify } from "../../support/bls-validators.ts";
import { quorumHome } from "../../support/quorum-home.ts";
import { type Connection, DELAY_SECONDS, EPOCH_SECONDS } from "../../support/staking-contracts.ts";

const SEATS = 12;
const SERVICE = 1;
const EARNED_WEI = 10n ** 18n;

/** What a service's validators certify elsewhere becomes their delegators' at home, with real keys and files. */
describe("earnings from another chain", function () {
  this.timeout(120_000);

  let connection: Connection;
  let home: Awaited<ReturnType<typeof quorumHome>>;

  beforeEach(async () => {
    connection = await network.create({ chainType: "l1" });
    home = await quorumHome(connection, SEATS);
    await home.quorum.buildTable(SERVICE, home.epoch, SEATS);
  });

  afterEach(() => connection.close());

  async function deploy() {
    const { ethers } = connection;
    const rewards = await ethers.getContractAt("RewardStream", await home.pool.rewards());
    const earnings = await ethers.deployContract("ServiceEarnings", [home.quorum, rewards]);
    await home.token.mint((await ethers.getSigners())[0]!, 1_000n * EARNED_WEI);
    await home.token.approve(earnings, 2n ** 256n - 1n);
    await earnings.fund(SERVICE, 1_000n * EARNED_WEI);
    return { rewards, earnings };
  }

  const fileOf = (cumulativeWei: (seat: number) => bigint): EarningsFile =>
    new EarningsFile(
      home.validators.map(({ wallet }, i) => ({ operator: wallet.address as Hex, cumulativeWei: cumulativeWei(i) })),
    );

  const certifyFile = (number: bigint, file: EarningsFile, absentees: readonly number[] = []) =>
    certify(home.validators, voteDigest(home.home, earningsVote(SERVICE, home.epoch, number, file)), absentees);

  it("pays every validator's delegators what grew from root to root", async () => {
    const { rewards, earnings } = await deploy();
    const grow = async (number: bigint, file: EarningsFile): Promise<void> => {
      const { epoch } = home;
      await earnings.postRoot(SERVICE, number, epoch, file.root, file.count, certifyFile(number, file, [0, 5]));
      for (const [i, { operator, cumulativeWei }] of file.entries.entries()) {
        await earnings.collect(SERVICE, i, operator, cumulativeWei, file.open(i));
      }
    };
    await grow(
      1n,
      fileOf((seat) => EARNED_WEI * BigInt(seat + 1)),
    );
    await grow(
      2n,
      fileOf((seat) => 2n * EARNED_WEI * BigInt(seat + 1)),
    );
    await connection.networkHelpers.time.increase(168 * EPOCH_SECONDS);
    for (const [seat, { wallet }] of home.validators.entries()) {
      const earnedWei = 2n * EARNED_WEI * BigInt(seat + 1);
      expect(await rewards.fundedWei(wallet.address)).to.equal(earnedWei);
      const claimableWei: BigNumberish = await rewards.claimableWei(wallet.address, 0, wallet.address);
      expect(earnedWei - claimableWei <= 1n).to.equal(true);
    }
  });

  it("refuses the word of two thirds or less, another file, and validators of an epoch long past", async () => {
    const { earnings } = await deploy();
    const { epoch, quorum } = home;
    const [file, other] = [fileOf(() => EARNED_WEI), fileOf(() => 2n * EARNED_WEI)];
    const post = (number: bigint, certified: EarningsFile, certificate: ReturnType<typeof certifyFile>) =>
      earnings.postRoot(SERVICE, number, epoch, certified.root, certified.count, certificate);
    await expect(post(1n, file, certifyFile(1n, file, [8, 9, 10, 11]))).to.be.revertedWithCustomError(
      quorum,
      "QuorumWeightTooSmall",
    );
    await expect(post(1n, other, certifyFile(1n, file))).to.be.revertedWithCustomError(quorum, "QuorumWrongSignature");
    await expect(post(2n, file, certifyFile(1n, file))).to.be.revertedWithCustomError(quorum, "QuorumWrongSignature");
    await connection.networkHelpers.time.increase(DELAY_SECONDS + 1);
    await expect(post(1n, file, certifyFile(1n, file))).to.be.revertedWithCustomError(
      quorum,
      "QuorumVerifierStaleEpoch",
    );
    expect((await earnings.rootOf(SERVICE)).number).to.equal(0n);
  });
});
