import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { type Contract, Wallet } from "ethers";

import { connectServiceInbox, type ServiceInbox } from "../../src/chain/contracts.ts";
import { chainTime } from "../../src/chain/read.ts";
import { TxSender } from "../../src/chain/tx-sender.ts";
import { ROLES } from "../../src/cli/network/accounts.ts";
import { type Hex, toHex } from "../../src/core/bytes.ts";
import { blsPublicKey, signVote } from "../../src/crypto/bls.ts";
import { developmentKey } from "../../src/crypto/development-keys.ts";
import { LmdbStore } from "../../src/db/lmdb-store.ts";
import { EarningsFile } from "../../src/staking/earnings.ts";
import { epochAt, openService, type ServiceHome } from "../../src/staking/service-home.ts";
import { encodeTable, tableHash } from "../../src/staking/table.ts";
import { compareTable, type HistoricTable, tableFromHistory } from "../../src/staking/table-history.ts";
import { headerVote, type Vote, VOTE_TYPES, voteDigest } from "../../src/staking/vote.ts";
import { TaskGate } from "../../src/storage/task-gate.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { type EquivocationWatcher, startEquivocationWatcher } from "../../src/worker/equivocation-watcher.ts";
import { voteToJson } from "../../src/worker/vote-protocol.ts";
import { runCommand } from "../support/command-line.ts";
import { rejectionCodeOf } from "../support/error-code.ts";
import { post } from "../support/http.ts";
import {
  certificateArgument,
  certify,
  enterValidator,
  joinSeat,
  type TestValidator,
  until,
} from "../support/quorum-chain.ts";
import { voteFor } from "../support/service-terms.ts";
import { type SignerServers, startSigners } from "../support/signer-servers.ts";
import { startTwoChains, type TwoChains } from "../support/two-chains.ts";

const OPERATORS = 64;
const NEWCOMERS = 2;
const DELAY_SECONDS = 604_800;
const EPOCH_SECONDS = 3_600;
const DAY = 86_400;
const TOKEN = 10n ** 18n;
/** Half, so that who was slashed once can be slashed again. */
const EQUIVOCATION_WAD = 10n ** 18n / 2n;
/** Requests that a development chain takes at once. */
const AT_ONCE = 8;

describe("one stake on two chains", function () {
  this.timeout(180_000);

  let chains: TwoChains;
  let home: ServiceHome;
  let inbox: ServiceInbox;
  let board: Contract;
  let remoteSender: TxSender;
  let everyone: TestValidator[];
  let operators: TestValidator[];
  let signers: SignerServers | undefined;
  let watcher: EquivocationWatcher | undefined;
  let store: LmdbStore | undefined;
  let folder: string;
  let serviceFlags: string[];
  let inboxFlags: string[];

  before(async () => {
    chains = await startTwoChains();
    folder = await mkdtemp(join(tmpdir(), "glassbox-two-chains-"));
    const { flags, contracts } = chains.home;
    const quorum = await contracts.QuorumVerifier.getAddress();
    const judge = await chains.deploy(chains.home.chain, "staking/EquivocationVerifier", quorum, EQUIVOCATION_WAD);
    const terms = ["--seats", String(OPERATORS + NEWCOMERS), "--verifier", await judge.getAddress()];
    const created = await runCommand(["service", "create", ...terms, "--dev-account", "0", ...flags]);
    home = await openService(contracts, Number(created.value["service"]));
    serviceFlags = [String(home.serviceId), "--service-rpc", chains.service.rpcUrl, ...flags];
    remoteSender = await TxSender.create(new Wallet(toHex(developmentKey(31337, 1)), chains.service.provider));

    everyone = await chains.accounts(OPERATORS + NEWCOMERS);
    operators = everyone.slice(0, OPERATORS);
    await each(everyone, (validator) => enterValidator(home, validator));
    await each(operators, (validator, seat) => joinSeat(home, validator, seat));
    const urls = await startSigners(home, everyone);
    signers = urls;
    const { OperatorRegistry } = contracts;
    await each(everyone, ({ operator, sender }) =>
      sender.send(OperatorRegistry.setEndpoint.populateTransaction(urls.url(operator) ?? "")),
    );
    await chains.pass(DELAY_SECONDS + 2 * EPOCH_SECONDS);
  });

  after(async () => {
    await watcher?.close();
    await signers?.close();
    await store?.close();
    await rm(folder, { recursive: true });
    await chains.stop();
  });

  async function each<T, R>(items: readonly T[], act: (item: T, index: number) => Promise<R>): Promise<R[]> {
    const gate = new TaskGate(AT_ONCE);
    return Promise.all(items.map((item, index) => gate.run(() => act(item, index))));
  }

  const present = async (): Promise<bigint> => epochAt(home, await chainTime(chains.home.chain.provider));

  const stakeOf = ({ operator }: TestValidator): Promise<bigint> => home.contracts.StakePool.stakeOf(operator);

  const vote = (epoch: bigint, slot: bigint, payload: number): Vote =>
    voteFor(payload, { serviceId: home.serviceId, epoch, slot });

  /** Posts a payload that the signers certify to the service's chain. */
  async function postPayload(posted: Vote, table: HistoricTable, by: readonly TestValidator[]): Promise<void> {
    const certificate = certificateArgument(certify(home, table, posted, by));
    await remoteSender.send(board.getFunction("post").populateTransaction(posted, certificate));
  }

  /** Brings the inbox to the present epoch, as the command does, with whoever's signer answers. */
  async function relay(): Promise<Record<string, unknown>> {
    const account = ["--dev-account", String(ROLES.coordinator)];
    const { values } = await runCommand(["service", "relay", ...serviceFlags, ...inboxFlags, "--once", ...account]);
    const events = values as Record<string, unknown>[];
    return events.find(({ event }) => event === "advanced") ?? {};
  }

  const validatorsOf = ({ validators }: HistoricTable): TestValidator[] =>
    validators.map(({ operator }) => everyone.find((known) => known.operator === operator)!);

  const reports = async (): Promise<{ operator: Hex; stage: string; epoch: string }[]> =>
    (await (await fetch(new URL("/v1/reports", watcher!.url))).json()) as never;

  const settled = (epoch: bigint, count: number): Promise<void> =>
    until(async () => {
      const found = (await reports()).filter((report) => report.epoch === String(epoch) && report.stage !== "found");
      return found.length === count;
    });

  it("joins 64 operators with BLS keys in the first table, and carries it to the service's chain", async () => {
    const created = await runCommand([
      "service",
      "inbox",
      ...serviceFlags,
      "--dev-account",
      "0",
      "--max-age",
      String(6 * DAY),
    ]);
    const address = created.value["inbox"] as string;
    inboxFlags = ["--inbox", address];
    inbox = connectServiceInbox(address, chains.service.provider);
    board = await chains.deploy(chains.service, "mocks/PayloadBoardMock", address);
    const epoch = await present();
    const table = await tableFromHistory(home, epoch);
    expect(table.validators).to.have.length(OPERATORS);
    expect(await inbox.genesisHash()).to.equal(table.hash);
    expect(await chains.service.provider.send("web3_clientVersion", [])).to.match(/^anvil/);

    store = new LmdbStore(folder);
    watcher = await startEquivocationWatcher({
      home,
      sender: await chains.home.sender(ROLES.reporter),
      store,
      remote: { inbox, provider: chains.service.provider, consumers: [await board.getAddress()], fromBlock: 0 },
      host: "127.0.0.1",
      port: 0,
      pollMs: 100,
      logger: createLogger("test", "silent"),
    });
    await postPayload(vote(epoch, 1n, 1), table, operators);
  });

  it("follows joins, leaves, a slash and absentees over several epochs", async () => {
    const { ServiceRegistry } = home.contracts;
    const first = await present();
    const [, liar, leaving, other] = operators;
    for (const { sender } of [leaving!, other!]) {
      await sender.send(ServiceRegistry.quit.populateTransaction(home.serviceId));
    }
    for (const [i, newcomer] of everyone.slice(OPERATORS).entries()) await joinSeat(home, newcomer, OPERATORS + i);
    const stakeWei = await stakeOf(liar!);
    for (const payload of [1, 2]) {
      const signed = vote(first, 99n, payload);
      const signature = toHex(signVote(voteDigest(home.domain, signed), liar!.secretKey));
      const key = toHex(blsPublicKey(liar!.secretKey));
      const body = JSON.stringify({ scheme: "bls", vote: voteToJson(signed), key, signature });
      expect(await post(new URL("/v1/votes", watcher!.url).href, body)).to.include({ isConflict: payload === 2 });
    }
    await settled(first, 1);
    expect(await stakeOf(liar!)).to.equal(stakeWei / 2n);

    await chains.pass(EPOCH_SECONDS);
    const absent = operators.slice(20, 26);
    for (const { operator } of absent) await signers?.stop(operator);
    expect(await relay()).to.include({ signersEpoch: first, absent: absent.length });
    const second = await tableFromHistory(home, await present());
    expect(second.validators).to.have.length(OPERATORS - 3);
    expect((await compareTable(home, second.epoch)).isSame).to.equal(true);
    const voting = validatorsOf(second).filter((validator) => !absent.includes(validator));
    await postPayload(vote(second.epoch, 2n, 1), second, voting);

    await chains.pass(4 * DAY);
    expect(await relay()).to.include({ signersEpoch: second.epoch });
    await chains.pass(3 * DAY + 2 * EPOCH_SECONDS);
    expect(await relay()).to.include({ absent: absent.length });
    const fourth = await tableFromHistory(home, await present());
    expect(fourth.validators.map(({ operator }) => operator)).to.include.members(
      everyone.slice(OPERATORS).map(({ operator }) => operator),
    );
    const weights = new Map(fourth.validators.map(({ operator, weight }) => [operator, weight]));
    expect(weights.get(liar!.operator)).to.equal(weights.get(operators[0]!.operator)! / 2n);
    expect(fourth.validators).to.have.length(OPERATORS);
    await postPayload(vote(fourth.epoch, 3n, 1), fourth, validatorsOf(fourth));
    const posted = await board.queryFilter("PayloadPosted");
    expect(posted).to.have.length(3);
  });

  it("brings home what the operators earned on the service's chain, certified by them", async () => {
    const { ServiceEarnings, RewardStream, Token } = home.contracts;
    const { serviceId } = home;
    const table = await tableFromHistory(home, await inbox.newestEpoch());
    const earned = validatorsOf(table).map(({ operator }, i) => ({ operator, cumulativeWei: BigInt(i + 1) * TOKEN }));
    const file = new EarningsFile(earned);
    const certified: Vote = { ...vote(table.epoch, 1n, 0), voteType: VOTE_TYPES.earnings, payload: file.payload };
    const certificate = certificateArgument(certify(home, table, certified, validatorsOf(table).slice(0, 50)));
    const funder = await chains.home.sender(ROLES.owner);
    const total = earned.reduce((sum, { cumulativeWei }) => sum + cumulativeWei, 0n);
    await funder.send(Token.mint.populateTransaction(funder.address, total));
    await funder.send(Token.approve.populateTransaction(await ServiceEarnings.getAddress(), total));
    await funder.send(ServiceEarnings.fund.populateTransaction(serviceId, total));
    const { root, count } = file;
    await funder.send(
      ServiceEarnings.postRoot.populateTransaction(serviceId, 1n, table.epoch, root, count, certificate),
    );
    for (const { operator, cumulativeWei } of earned.slice(0, 3)) {
      const index = file.indexOf(operator);
      const opening = file.open(index);
      await funder.send(
        ServiceEarnings.collect.populateTransaction(serviceId, index, operator, cumulativeWei, opening),
      );
      expect(await RewardStream.fundedWei(operator)).to.equal(cumulativeWei);
    }
  });

  it("slashes at home whoever signed two conflicting certificates on the service's chain", async () => {
    const table = await tableFromHistory(home, await inbox.newestEpoch());
    const validators = validatorsOf(table);
    const before = await Promise.all(validators.map(stakeOf));
    const [some, others] = [validators.slice(0, 44), validators.slice(-44)];
    await postPayload(vote(table.epoch, 4n, 1), table, some);
    await postPayload(vote(table.epoch, 4n, 2), table, others);
    const guilty = validators.filter((validator) => some.includes(validator) && others.includes(validator));
    expect(guilty).to.have.length(24);
    await settled(table.epoch, guilty.length);
    const after = await Promise.all(validators.map(stakeOf));
    const expected = validators.map((validator, i) => (guilty.includes(validator) ? before[i]! / 2n : before[i]!));
    expect(after).to.deep.equal(expected);
  });

  it("slashes at home whoever signed a header with a false table, which the inbox believed", async () => {
    const signersEpoch = await inbox.newestEpoch();
    const table = await tableFromHistory(home, signersEpoch);
    const liars = validatorsOf(table).slice(0, 48);
    await chains.pass(EPOCH_SECONDS);
    const epoch = await present();
    const truth = await tableFromHistory(home, epoch);
    expect(truth.validators).to.have.length(OPERATORS - 24);
    const made = encodeTable(truth.validators.slice(0, 3));
    const lie = headerVote(home.serviceId, signersEpoch, epoch, tableHash(made));
    const before = await Promise.all(liars.map(stakeOf));
    const certificate = certificateArgument(certify(home, table, lie, liars));
    await remoteSender.send(inbox.advance.populateTransaction(epoch, made, certificate));
    expect(await inbox.newestEpoch()).to.equal(epoch);

    await settled(signersEpoch, 24 + liars.length);
    const after = await Promise.all(liars.map(stakeOf));
    after.forEach((wei, i) => expect(wei < before[i]!).to.equal(true));
    await chains.pass(EPOCH_SECONDS);
    expect(await rejectionCodeOf(relay)).to.equal("WORKER_INBOX_FALSE");
  });

  it("pays the watcher the bounties after their window", async () => {
    const { Token } = home.contracts;
    await chains.pass(EPOCH_SECONDS);
    await until(async () => (await reports()).every(({ stage }) => stage === "paid"));
    const { address } = await chains.home.sender(ROLES.reporter);
    expect((await Token.balanceOf(address)) > 0n).to.equal(true);
  });
});
