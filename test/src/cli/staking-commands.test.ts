import { expect } from "chai";
import { parseEther, Wallet, ZeroAddress } from "ethers";

import { chainTime } from "../../../src/chain/read.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { commandsOn } from "../../support/command-line.ts";
import { type Deployment, startDeployment } from "../../support/deployment.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const OPERATOR = 1;
const OTHER_OPERATOR = 2;
const DELEGATOR = 7;
const STRANGER = 12;
/** An account without key or coin here. */
const MULTISIG = "0x1111111111111111111111111111111111111111";
const DELAY_SECONDS = 7 * 24 * 3_600;
const DATE = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(in (7 days( 1 hour)?|6 days 23 hours)\)/;

/** What `--calldata` prints. */
interface Call {
  readonly to: string;
  readonly data: string;
  readonly value: string;
}

describe("commands of stakers and operators", function () {
  this.timeout(120_000);

  let deployment: Deployment;
  let operator: string;
  let delegator: string;

  before(async () => {
    deployment = await startDeployment();
    operator = (await deployment.sender(OPERATOR)).address;
    delegator = (await deployment.sender(DELEGATOR)).address;
    for (const index of [OPERATOR, DELEGATOR]) {
      const sender = await deployment.sender(index);
      await sender.send(deployment.contracts.Token.mint.populateTransaction(sender.address, parseEther("1000")));
    }
  });
  after(() => deployment.stop());

  const { on, refused } = commandsOn(() => deployment.flags);

  async function calls(words: readonly string[], from?: string): Promise<Call[]> {
    const { values } = await on([...words, "--calldata", ...(from === undefined ? [] : ["--from", from])]);
    return values as Call[];
  }

  /** Sends what was printed as any wallet would, without our code. */
  async function execute(account: number, printed: readonly Call[]): Promise<void> {
    const { signer } = await deployment.sender(account);
    for (const { to, data, value } of printed) await (await signer.sendTransaction({ to, data, value })).wait();
  }

  describe("operator", () => {
    it("is unknown until it registers", async () => {
      for (const command of ["status", "exposure"])
        await expectGlassboxError(on(["operator", command, operator]), "usage", "CLI_OPERATOR_UNKNOWN");
      await expectGlassboxError(on(["stake", "deposit", operator, "1"], DELEGATOR), "usage", "CLI_OPERATOR_UNKNOWN");
      await refused(["operator", "join", "storage"], OPERATOR, "ServiceRegistryNotOperator");
    });

    it("refuses an endpoint that is no URL of the web, or too long", async () => {
      const tooLong = `http://a.example/${"a".repeat(240)}`;
      for (const endpoint of ["nowhere", "file:///etc/passwd", "ws://127.0.0.1:1", tooLong]) {
        const attempt = on(["operator", "register", "--endpoint", endpoint], OPERATOR);
        await expectGlassboxError(attempt, "usage", "CLI_ENDPOINT_INVALID");
      }
      expect(await deployment.contracts.OperatorRegistry.isOperator(operator)).to.equal(false);
    });

    it("registers once", async () => {
      const endpoint = "http://127.0.0.1:5678";
      const { value } = await on(["operator", "register", "--endpoint", endpoint], OPERATOR);
      expect(value).to.deep.equal({ operator, signer: operator, endpoint });
      expect(await deployment.contracts.OperatorRegistry.endpointOf(operator)).to.equal(endpoint);
      await refused(["operator", "register"], OPERATOR, "OperatorRegistryAlreadyRegistered");
      await on(["operator", "register"], OTHER_OPERATOR);
    });

    it("joins a service by name; the exposure shows as announced, then as present", async () => {
      const share = on(["operator", "join", "storage", "--magnitude", "1.5"], OPERATOR);
      await expectGlassboxError(share, "usage", "CLI_SHARE_INVALID");
      await expectGlassboxError(on(["operator", "join", "archive"], OPERATOR), "usage", "CLI_SERVICE_UNKNOWN");
      await expectGlassboxError(on(["operator", "join", "99"], OPERATOR), "usage", "CLI_NOT_FOUND");
      const { value, text } = await on(["operator", "join", "storage", "--magnitude", "0.25"], OPERATOR);
      expect(value).to.include({
        serviceId: await deployment.contracts.StorageProofs.serviceId(),
        magnitudeWad: parseEther("0.25"),
      });
      expect(text).to.match(DATE);
      const announced = await storageExposure();
      expect(announced).to.include({ isMember: false, isObligable: false, magnitudeWad: 0n, atRiskWei: 0n });
      expect(announced["magnitudeChange"]).to.include({ magnitudeWad: parseEther("0.25") });
      expect(announced["membershipChanges"]).to.deep.equal([{ isMember: true, effectAt: value["effectAt"] }]);
      expect((await on(["operator", "exposure", operator])).text).to.match(
        new RegExp(`not a member, joins at ${DATE.source}`),
      );
      const { hint = "" } = await expectGlassboxError(
        on(["operator", "join", "storage", "--magnitude", "0.5"], OPERATOR),
        "revert",
        "CHAIN_REVERTED",
      );
      expect(hint).to.match(/^one change at a time: the last one takes effect at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
      await deployment.chain.passSeconds(8 * 24 * 3_600);
      expect(await storageExposure()).to.include({
        isMember: true,
        isObligable: true,
        magnitudeWad: parseEther("0.25"),
        magnitudeChange: null,
        seat: null,
        jailedUntil: null,
      });
      expect((await on(["operator", "status", operator])).text).to.contain("storage   member, 25 % of the stake");
    });

    it("joins once; another magnitude changes what it risks", async () => {
      await expectGlassboxError(on(["operator", "join", "storage"], OPERATOR), "usage", "STAKING_JOINED_ALREADY");
      const { value } = await on(["operator", "join", "storage", "--magnitude", "0.5"], OPERATOR);
      expect(value).to.include({ magnitudeWad: parseEther("0.5") });
      await deployment.chain.passSeconds(8 * 24 * 3_600);
      expect(await storageExposure()).to.include({ isMember: true, magnitudeWad: parseEther("0.5") });
    });

    it("shows who can slash how much", async () => {
      await on(["stake", "deposit", operator, "100"], OPERATOR);
      const { value, text } = await on(["operator", "exposure"], OPERATOR);
      expect(value).to.include({ operator, slashableWei: parseEther("100"), committedWad: parseEther("0.5") });
      const { StorageProofs } = deployment.book.contracts;
      const [storage, compute] = value["services"] as Record<string, unknown>[];
      expect(storage).to.include({
        name: "storage",
        verifier: StorageProofs,
        sink: ZeroAddress,
        atRiskWei: parseEther("50"),
        slashCapWad: parseEther("0.2"),
        maxObligationSeconds: 86_400n,
      });
      expect(compute).to.include({ name: "compute", isMember: false, atRiskWei: 0n });
      expect(text).to.contain("at risk      50 tokens: 50 % of the stake; at most 20 % of that in 1 hour");
      expect(text).to.contain(`judged by    ${StorageProofs} (StorageProofs), and nobody else`);
      expect(text).to.contain("slashed      is burnt");
      expect(text).to.contain("obligations  last up to 1 day; 0 tokens reserved, 50 tokens free");
      expect(text).to.contain("7 days 1 hour before more is at risk");
      expect(text).to.contain("not a member");
    });

    it("leaves: no new obligation at once, no offence after the delay", async () => {
      await expectGlassboxError(on(["operator", "leave", "99"], OPERATOR), "usage", "CLI_NOT_FOUND");
      await refused(["operator", "leave", "compute"], OPERATOR, "ServiceRegistryNotMember");
      const { value, text } = await on(["operator", "leave", "storage", "--free"], OPERATOR);
      expect(text).to.match(DATE);
      const leaving = await storageExposure();
      expect(leaving).to.include({ isMember: true, isObligable: false, availableWei: 0n });
      expect(leaving["membershipChanges"]).to.deep.equal([{ isMember: false, effectAt: value["effectAt"] }]);
      expect(leaving["magnitudeChange"]).to.include({ magnitudeWad: 0n });
      await deployment.chain.passSeconds(8 * 24 * 3_600);
      expect(await storageExposure()).to.include({ isMember: false, magnitudeWad: 0n, atRiskWei: 0n });
    });

    it("sets keys, and shows them to anybody", async () => {
      const { OperatorRegistry } = deployment.contracts;
      const none = await on(["operator", "keys", operator]);
      expect(none.value).to.deep.equal({ operator, signer: operator, blsKey: null, blsKeyHash: null });
      const first = await on(["operator", "keys", "--bls", "0"], OPERATOR);
      const { value, text } = await on(["operator", "keys", operator]);
      expect(value).to.include({ blsKey: first.value["blsKey"], signer: operator });
      expect(text).to.contain(first.value["blsKey"]);
      const [owner, endedAt] = await OperatorRegistry.blsKeyInfo(value["blsKeyHash"] as string);
      expect({ owner, endedAt }).to.deep.equal({ owner: operator, endedAt: 0n });
      const { address: signer } = Wallet.createRandom();
      const both = await on(["operator", "keys", operator, "--bls", "1", "--signer", signer], OPERATOR);
      expect(both.value["blsKey"]).not.to.equal(first.value["blsKey"]);
      expect((await on(["operator", "keys"], OPERATOR)).value).to.include({ signer, blsKey: both.value["blsKey"] });
      expect((await on(["operator", "status", operator])).value).to.include({ signer, blsKey: both.value["blsKey"] });
    });

    it("refuses keys that were used, of another account, or that nobody can derive", async () => {
      const before = await on(["operator", "keys", operator]);
      await refused(["operator", "keys", "--bls", "0"], OPERATOR, "OperatorRegistryBlsKeyTaken");
      await refused(["operator", "keys", "--bls", "0"], STRANGER, "OperatorRegistryNotOperator");
      await refused(["operator", "keys", "--signer", operator], OTHER_OPERATOR, "OperatorRegistrySignerTaken");
      const cases = [
        [["operator", "keys", operator, "--bls", "2"], OTHER_OPERATOR, "STAKING_KEYS_OF_ANOTHER"],
        [["operator", "keys", "--bls", "first"], OPERATOR, "CLI_NUMBER_INVALID"],
        [["operator", "keys", "--signer", "0x12"], OPERATOR, "CLI_ADDRESS_INVALID"],
        [["operator", "keys", "--bls", "2", "--calldata", "--from", operator], undefined, "CLI_ACCOUNT_MISSING"],
        [["operator", "keys", operator, "--calldata"], undefined, "CLI_OPTION_UNUSED"],
        [["operator", "keys", MULTISIG], undefined, "CLI_OPERATOR_UNKNOWN"],
      ] as const;
      for (const [words, account, code] of cases) await expectGlassboxError(on(words, account), "usage", code);
      expect((await on(["operator", "keys", operator])).value).to.deep.equal(before.value);
    });

    it("changes its endpoint and its commission: a rise waits, a fall does not", async () => {
      const endpoint = "http://127.0.0.1:9999";
      const { value, text } = await on(
        ["operator", "update", "--endpoint", endpoint, "--commission", "0.05"],
        OPERATOR,
      );
      expect(value).to.deep.include({ endpoint });
      expect(text).to.match(/5 % of rewards from .* \(in (7 days|6 days 23 hours)\)/);
      const { commission } = (await on(["operator", "status", operator])).value;
      expect(commission).to.deep.equal({
        bps: 0n,
        change: { bps: 500n, effectAt: (value["commission"] as { effectAt: string }).effectAt },
      });
      await deployment.chain.passSeconds(8 * 24 * 3_600);
      const raised = await on(["operator", "status", operator]);
      expect(raised.value["commission"]).to.deep.equal({ bps: 500n, change: null });
      expect(raised.text).to.contain("keeps     5 % of rewards").and.contain(endpoint);
      await on(["operator", "update", "--commission", "0"], OPERATOR);
      const cut = await on(["operator", "status", operator]);
      expect(cut.value["commission"]).to.deep.equal({ bps: 0n, change: null });
      for (const part of ["1.1", "-1", "5%", "0.00001", ""])
        await expectGlassboxError(
          on(["operator", "update", "--commission", part], OPERATOR),
          "usage",
          "CLI_PART_INVALID",
        );
      await expectGlassboxError(on(["operator", "update"], OPERATOR), "usage", "CLI_OPTION_MISSING");
      await refused(["operator", "update", "--commission", "0.1"], STRANGER, "OperatorRegistryNotOperator");
    });

    async function storageExposure(): Promise<Record<string, unknown>> {
      const { value } = await on(["operator", "exposure", operator]);
      const [storage] = value["services"] as Record<string, unknown>[];
      return storage ?? {};
    }
  });

  describe("stake", () => {
    it("is delegated with a permit, or with an allowance", async () => {
      const { Token, StakePool } = deployment.contracts;
      const { signer } = await deployment.sender(DELEGATOR);
      const before = await deployment.chain.provider.getTransactionCount(signer);
      const { value } = await on(["stake", "deposit", operator, "12.5"], DELEGATOR);
      expect(value).to.include({ operator, owner: delegator, amountWei: parseEther("12.5"), generation: 0n });
      expect(await deployment.chain.provider.getTransactionCount(signer)).to.equal(before + 1);
      await on(["stake", "deposit", operator, "0.5", "--approve"], DELEGATOR);
      expect(await deployment.chain.provider.getTransactionCount(signer)).to.equal(before + 3);
      expect(await StakePool.sharesOf(operator, delegator)).to.equal(parseEther("13"));
      expect(await Token.allowance(delegator, StakePool)).to.equal(0n);
    });

    it("shows everything an account has, by address or for the account that signs", async () => {
      const other = (await deployment.sender(OTHER_OPERATOR)).address;
      await on(["stake", "deposit", other, "2"], DELEGATOR);
      const { value, text } = await on(["stake", "positions", delegator]);
      expect(value).to.include({ account: delegator });
      expect(value["positions"]).to.deep.equal([
        position(operator, parseEther("13")),
        position(other, parseEther("2")),
      ]);
      expect(value["withdrawals"]).to.deep.equal([]);
      expect(text).to.contain(`delegated by ${delegator}: 15 tokens`);
      expect((await on(["stake", "positions"], DELEGATOR)).value).to.deep.equal(value);
      const nobody = await on(["stake", "positions", MULTISIG]);
      expect(nobody.value).to.deep.include({ positions: [], withdrawals: [] });
      const head = String((await deployment.chain.provider.getBlockNumber()) + 1);
      const later = await on(["stake", "positions", delegator, "--since", head]);
      expect(later.value).to.deep.include({ positions: [] });
      await expectGlassboxError(on(["stake", "positions"]), "usage", "CLI_ACCOUNT_MISSING");
      await expectGlassboxError(on(["stake", "positions", "0x12"]), "usage", "CLI_ADDRESS_INVALID");
    });

    it("is asked back, shown with its date, refused before it and paid after it, once", async () => {
      const asked = await on(["stake", "withdraw", operator, "3"], DELEGATOR);
      expect(asked.value).to.include({ operator, generation: 0n, shares: parseEther("3") });
      expect(asked.text).to.match(DATE);
      const request = String(asked.value["request"]);
      const { value, text } = await on(["stake", "positions", delegator]);
      expect(value["withdrawals"]).to.deep.equal([
        {
          request: asked.value["request"],
          owner: delegator,
          operator,
          generation: 0n,
          shares: parseEther("3"),
          valueWei: parseEther("3"),
          unlocksAt: asked.value["unlocksAt"],
          isUnlocked: false,
        },
      ]);
      expect(text).to.match(new RegExp(`request ${request} {2}3 tokens from .*, can be claimed from ${DATE.source}`));

      const early = await expectGlassboxError(
        on(["stake", "claim", request], DELEGATOR),
        "usage",
        "STAKING_REQUEST_LOCKED",
      );
      expect(early.message).to.match(DATE);
      expect(early.details["unlocksAt"]).to.equal(asked.value["unlocksAt"]);
      const stranger = on(["stake", "claim", request], STRANGER);
      await expectGlassboxError(stranger, "usage", "STAKING_REQUEST_OF_ANOTHER");
      await deployment.chain.passSeconds(DELAY_SECONDS + 60);
      const { Token } = deployment.contracts;
      const before = await Token.balanceOf(delegator);
      const paid = await on(["stake", "claim", request], DELEGATOR);
      expect(paid.value).to.include({ receiver: delegator, assetsWei: parseEther("3") });
      expect(await Token.balanceOf(delegator)).to.equal(before + parseEther("3"));
      await expectGlassboxError(on(["stake", "claim", request], DELEGATOR), "usage", "CLI_NOT_FOUND");
      expect((await on(["stake", "positions", delegator])).value["withdrawals"]).to.deep.equal([]);
    });

    it("refuses more than there is, amounts and addresses that are none", async () => {
      const cases = [
        [["stake", "withdraw", operator, "10.000000000000000001"], "STAKING_POSITION_EXCEEDED"],
        [["stake", "withdraw", operator, "1", "--generation", "5"], "STAKING_POSITION_EMPTY"],
        [["stake", "withdraw", operator, "1", "--generation", "4294967296"], "CLI_NUMBER_INVALID"],
        [["stake", "withdraw", MULTISIG, "all"], "STAKING_POSITION_EMPTY"],
        [["stake", "withdraw", operator, "some"], "CLI_AMOUNT_INVALID"],
        [["stake", "withdraw", operator, "0"], "CLI_AMOUNT_INVALID"],
        [["stake", "deposit", operator, "0"], "CLI_AMOUNT_INVALID"],
        [["stake", "deposit", "0x1234", "1"], "CLI_ADDRESS_INVALID"],
        [["stake", "deposit", operator, "1", "--from", delegator], "CLI_FROM_UNUSED"],
        [["stake", "claim", "99"], "CLI_NOT_FOUND"],
      ] as const;
      const { value } = await on(["stake", "positions", delegator]);
      for (const [words, code] of cases) await expectGlassboxError(on(words, DELEGATOR), "usage", code);
      const stranger = on(["stake", "withdraw", operator, "all"], STRANGER);
      await expectGlassboxError(stranger, "usage", "STAKING_POSITION_EMPTY");
      await refused(["stake", "deposit", operator, "1"], STRANGER, "ERC20InsufficientBalance");
      expect((await on(["stake", "positions", delegator])).value).to.deep.equal(value);
    });

    function position(of: string, shares: bigint) {
      return { operator: of, generation: 0n, isRetired: false, shares, valueWei: shares };
    }
  });

  describe("rewards", () => {
    const RECEIVER = "0x2222222222222222222222222222222222222222";
    let other: string;

    before(async () => {
      const { Token, RewardStream } = deployment.contracts;
      other = (await deployment.sender(OTHER_OPERATOR)).address;
      await on(["operator", "update", "--commission", "0.1"], OTHER_OPERATOR);
      // To early in an epoch, so that an hour later it is the next one.
      const now = await chainTime(deployment.chain.provider);
      await deployment.chain.passSeconds(8 * 24 * 3_600 + 3_660 - Number(now % 3_600n));
      const payer = await deployment.sender(0);
      await payer.send(Token.mint.populateTransaction(payer.address, parseEther("1680")));
      await payer.send(Token.approve.populateTransaction(await RewardStream.getAddress(), parseEther("1680")));
      await payer.send(RewardStream.fund.populateTransaction(other, parseEther("1680")));
    });

    it("are nothing at first, then drip to who has delegated, and commission is there at once", async () => {
      expect((await on(["stake", "rewards", delegator])).value).to.deep.equal({
        account: delegator,
        rewards: [],
        commissionWei: 0n,
      });
      expect((await on(["stake", "rewards"], OTHER_OPERATOR)).value).to.deep.equal({
        account: other,
        rewards: [],
        commissionWei: parseEther("168"),
      });
      const nothing = on(["stake", "rewards", "--claim"], DELEGATOR);
      await expectGlassboxError(nothing, "usage", "STAKING_REWARDS_EMPTY");
      await deployment.chain.passSeconds(3_600);
      const { value, text } = await on(["stake", "rewards", delegator]);
      const claimableWei = parseEther("9");
      expect(value["rewards"]).to.deep.equal([{ operator: other, generation: 0n, claimableWei }]);
      expect(text).to.contain("to claim: 9 tokens");
      const positions = await on(["stake", "positions", delegator]);
      expect(positions.value).to.deep.include({ rewards: value["rewards"], commissionWei: 0n });
      expect(positions.text).to.contain(text);
    });

    it("are refused to anybody else, and to nobody by mistake", async () => {
      const cases = [
        [["stake", "rewards", delegator, "--claim"], STRANGER, "STAKING_REWARDS_OF_ANOTHER"],
        [["stake", "rewards", "--claim"], STRANGER, "STAKING_REWARDS_EMPTY"],
        [["stake", "rewards", "--claim", "--to", "0x12"], DELEGATOR, "CLI_ADDRESS_INVALID"],
        [["stake", "rewards", "--to", RECEIVER], DELEGATOR, "CLI_OPTION_UNUSED"],
        [["stake", "rewards", delegator, "--calldata"], undefined, "CLI_OPTION_UNUSED"],
        [["stake", "rewards", "--claim", "--calldata"], undefined, "CLI_FROM_MISSING"],
      ] as const;
      for (const [words, account, code] of cases) await expectGlassboxError(on(words, account), "usage", code);
      expect(await deployment.contracts.RewardStream.claimableWei(other, 0, delegator)).to.equal(parseEther("9"));
    });

    it("are paid, all at once, to whom the owner names", async () => {
      const { Token, RewardStream } = deployment.contracts;
      const { value } = await on(["stake", "rewards", "--claim", "--to", RECEIVER], DELEGATOR);
      expect(value).to.deep.equal({ account: delegator, receiver: RECEIVER, amountWei: parseEther("9") });
      expect(await Token.balanceOf(RECEIVER)).to.equal(parseEther("9"));
      expect(await RewardStream.claimableWei(other, 0, delegator)).to.equal(0n);
      const [commission, ...more] = await calls(["stake", "rewards", "--claim"], other);
      expect(more).to.deep.equal([]);
      const before = await Token.balanceOf(other);
      await execute(OTHER_OPERATOR, [commission!]);
      expect(await Token.balanceOf(other)).to.equal(before + parseEther("168"));
      expect((await on(["stake", "rewards", other])).value).to.include({ commissionWei: 0n });
    });
  });

  describe("--calldata", () => {
    it("prints every transaction of a deposit in order, for any account to send, without a key", async () => {
      const { Token, StakePool } = deployment.contracts;
      const words = ["stake", "deposit", operator, "4", "--calldata"];
      const { values, text, progress } = await on(words);
      expect(values).to.have.length(2);
      expect(JSON.parse(text)).to.deep.equal(values[1]);
      for (const call of values as Call[]) expect(call).to.have.all.keys("to", "data", "value");
      expect((values as Call[]).map(({ to }) => to)).to.deep.equal([Token.target, StakePool.target]);
      expect(progress[0]).to.equal(
        `1 of 2: Token.approve(spender ${await StakePool.getAddress()}, value ${parseEther("4")})`,
      );
      expect(progress[1]).to.contain(`2 of 2: StakePool.deposit(operator ${operator}, `);
      const before = await StakePool.sharesOf(operator, delegator);
      expect(await StakePool.sharesOf(operator, delegator)).to.equal(before);
      await execute(DELEGATOR, values as Call[]);
      expect(await StakePool.sharesOf(operator, delegator)).to.equal(before + parseEther("4"));
    });

    it("takes a multisig from registration to the end of its delegation", async () => {
      const { Token, OperatorRegistry, ServiceRegistry, StakePool } = deployment.contracts;
      const multisig = Wallet.createRandom(deployment.chain.provider);
      const owner = await deployment.sender(0);
      await owner.send(Token.mint.populateTransaction(multisig.address, parseEther("50")));
      await (await owner.signer.sendTransaction({ to: multisig.address, value: parseEther("1") })).wait();
      const sender = await TxSender.create(multisig);
      const run = async (...words: string[]): Promise<void> => {
        for (const { to, data } of await calls(words, multisig.address))
          await sender.send(Promise.resolve({ to, data }));
      };
      await run("operator", "register", "--endpoint", "http://127.0.0.1:1");
      expect(await OperatorRegistry.signerOf(multisig.address)).to.equal(multisig.address);
      await run("stake", "deposit", multisig.address, "50");
      await run("operator", "join", "compute", "--magnitude", "0.75");
      await deployment.chain.passSeconds(8 * 24 * 3_600);
      const compute = await deployment.contracts.JobRegistry.serviceId();
      expect(await ServiceRegistry.isObligable(compute, multisig.address)).to.equal(true);
      expect(await StakePool.availableWei(compute, multisig.address)).to.equal(parseEther("37.5"));
      await run("operator", "leave", "compute");
      expect(await ServiceRegistry.isObligable(compute, multisig.address)).to.equal(false);
      await run("stake", "withdraw", multisig.address, "all");
      const { value } = await on(["stake", "positions", multisig.address]);
      const [{ request }] = value["withdrawals"] as [{ request: bigint }];
      const claim = ["stake", "claim", String(request), "--calldata"];
      expect((await on(claim)).progress.at(-1)).to.match(DATE);
      await deployment.chain.passSeconds(DELAY_SECONDS + 60);
      await run("stake", "claim", String(request), "--to", delegator);
      expect(await Token.balanceOf(multisig.address)).to.equal(0n);
      expect((await on(["stake", "positions", multisig.address])).value).to.deep.include({
        positions: [],
        withdrawals: [],
      });
    });

    it("asks who sends only where that matters", async () => {
      for (const words of [
        ["stake", "withdraw", operator, "all"],
        ["operator", "join", "storage"],
        ["operator", "register"],
      ]) {
        await expectGlassboxError(on([...words, "--calldata"]), "usage", "CLI_FROM_MISSING");
      }
      await expectGlassboxError(calls(["operator", "register"], "0x12"), "usage", "CLI_ADDRESS_INVALID");
      expect(await calls(["operator", "register", "--signer", MULTISIG])).to.have.length(1);
      expect(await calls(["operator", "leave", "storage", "--free"])).to.have.length(2);
      await expectGlassboxError(
        calls(["stake", "withdraw", operator, "all"], MULTISIG),
        "usage",
        "STAKING_POSITION_EMPTY",
      );
      await expectGlassboxError(calls(["stake", "claim", "99"]), "usage", "CLI_NOT_FOUND");
    });
  });
});
