import { expect } from "chai";

import { chainTime } from "../../../src/chain/read.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { type Hex, toHex } from "../../../src/core/bytes.ts";
import { addressOfSecretKey } from "../../../src/crypto/address.ts";
import { blsKeyFromSeed, blsPublicKey, signVote } from "../../../src/crypto/bls.ts";
import { derivedDevelopmentKey } from "../../../src/crypto/development-keys.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { encodeTable, tableHash } from "../../../src/staking/table.ts";
import { type HistoricTable, tableFromHistory } from "../../../src/staking/table-history.ts";
import { headerVote, positionHash, type Vote, voteDigest } from "../../../src/staking/vote.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import {
  type EquivocationWatcher,
  type EquivocationWatcherOptions,
  startEquivocationWatcher,
} from "../../../src/worker/equivocation-watcher.ts";
import { voteToJson } from "../../../src/worker/vote-protocol.ts";
import { post, postPart } from "../../support/http.ts";
import {
  certificateArgument,
  certify,
  EPOCH_SECONDS,
  type QuorumChain,
  startQuorumChain,
  startServiceChain,
  type TestValidator,
  until,
} from "../../support/quorum-chain.ts";
import { voteFor } from "../../support/service-terms.ts";

interface Shown {
  readonly operator: Hex;
  readonly offenceKey: Hex;
  readonly stage: string;
}

describe("equivocation watcher", function () {
  this.timeout(60_000);

  let chain: QuorumChain;
  let epoch: bigint;
  let present: HistoricTable;
  let running: EquivocationWatcher | undefined;

  beforeEach(async () => {
    chain = await startQuorumChain(4);
    epoch = await chain.epoch();
    present = await tableFromHistory(chain.home, epoch);
  });

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function start(changed: Partial<EquivocationWatcherOptions> = {}): Promise<EquivocationWatcher> {
    running = await startEquivocationWatcher({
      home: chain.home,
      sender: await TxSender.create(chain.signers[12]!),
      store: new MemoryStore(),
      host: "127.0.0.1",
      port: 0,
      pollMs: 10,
      logger: createLogger("test", "silent"),
      ...changed,
    });
    return running;
  }

  const vote = (payload: number, position: Partial<Vote> = {}): Vote =>
    voteFor(payload, { serviceId: chain.home.serviceId, epoch, ...position });

  const digest = (signed: Vote): Uint8Array => voteDigest(chain.home.domain, signed);

  function byKey(signed: Vote, { secretKey }: Pick<TestValidator, "secretKey">): string {
    const signature = toHex(signVote(digest(signed), secretKey));
    return JSON.stringify({ scheme: "bls", vote: voteToJson(signed), key: toHex(blsPublicKey(secretKey)), signature });
  }

  function certified(signed: Vote, signers: readonly TestValidator[], hash?: Hex): string {
    const { signature, absentees } = certify(chain.home, present, signed, signers);
    const tableHashPart = hash === undefined ? {} : { tableHash: hash };
    return JSON.stringify({
      vote: voteToJson(signed),
      signature: toHex(signature),
      absentees: absentees.toString(),
      ...tableHashPart,
    });
  }

  const shown = async (): Promise<Shown[]> =>
    (await (await fetch(new URL("/v1/reports", running!.url))).json()) as Shown[];

  const reach = (stage: string, count: number): Promise<void> =>
    until(async () => (await shown()).filter((report) => report.stage === stage).length === count, chain.provider);

  async function stakes(): Promise<bigint[]> {
    const { StakePool } = chain.home.contracts;
    return Promise.all(chain.validators.map(({ operator }) => StakePool.stakeOf(operator)));
  }

  async function eventCount(name: "Committed" | "OffencePunished"): Promise<number> {
    const { Slasher } = chain.home.contracts;
    const topics = Slasher.interface.encodeFilterTopics(Slasher.interface.getEventName(name), []);
    const logs = await chain.provider.getLogs({ address: await Slasher.getAddress(), topics, fromBlock: 0 });
    return logs.length;
  }

  const codeOf = async (path: string, body: string): Promise<unknown> =>
    (await post(new URL(path, running!.url).href, body)).error?.code ?? "taken";

  it("slashes an operator whose two votes it was given by anybody, and claims the bounty", async () => {
    const { url } = await start();
    const [before] = await stakes();
    for (const payload of [1, 2]) {
      const answer = await post(new URL("/v1/votes", url).href, byKey(vote(payload), chain.validators[0]!));
      expect(answer).to.deep.equal({ isNew: true, isConflict: payload === 2 });
    }
    await reach("reported", 1);
    expect((await stakes())[0]).to.equal((before! * 9n) / 10n);
    await chain.pass(EPOCH_SECONDS + 1);
    await reach("paid", 1);
    expect(await chain.home.contracts.Token.balanceOf(await chain.signers[12]!.getAddress())).to.not.equal(0n);
  });

  it("takes secp256k1 votes too", async () => {
    await start();
    const { sender, operator } = chain.validators[1]!;
    const secretKey = derivedDevelopmentKey(31337, "watcher", "signer");
    const { OperatorRegistry } = chain.home.contracts;
    await sender.send(OperatorRegistry.setSigner.populateTransaction(addressOfSecretKey(secretKey)));
    for (const payload of [1, 2]) {
      const signature = toHex(signDigest(digest(vote(payload)), secretKey));
      const body = JSON.stringify({ scheme: "secp256k1", vote: voteToJson(vote(payload)), signature });
      expect(await codeOf("/v1/votes", body)).to.equal("taken");
    }
    await reach("reported", 1);
    expect((await shown())[0]).to.include({ operator, offenceKey: positionHash(vote(1)) });
  });

  it("slashes everyone who signed two certificates, once, also if killed on the way", async () => {
    const store = new MemoryStore();
    const { validators } = chain;
    const before = await stakes();
    await start({ store });
    expect(await codeOf("/v1/certificates", certified(vote(1), validators.slice(0, 3)))).to.equal("taken");
    expect(await codeOf("/v1/certificates", certified(vote(2), validators.slice(1)))).to.equal("taken");
    await running!.close();
    for (let life = 0; life < 4; life++) {
      await start({ store });
      await until(async () => (await shown()).length === 2);
      await chain.provider.send("evm_mine", []);
      await running!.close();
    }
    await start({ store });
    await reach("reported", 2);
    const after = before.map((wei, i) => (i === 1 || i === 2 ? (wei * 9n) / 10n : wei));
    expect(await stakes()).to.deep.equal(after);
    expect([await eventCount("Committed"), await eventCount("OffencePunished")]).to.deep.equal([2, 2]);
    // The same conflict again, and another that shows one more of them guilty.
    expect(await codeOf("/v1/certificates", certified(vote(2), validators.slice(1)))).to.equal("taken");
    expect(await codeOf("/v1/certificates", certified(vote(2), validators))).to.equal("taken");
    await reach("reported", 3);
    expect(await stakes()).to.deep.equal([(before[0]! * 9n) / 10n, ...after.slice(1)]);
    for (let block = 0; block < 20; block++) await chain.provider.send("evm_mine", []);
    expect(await eventCount("OffencePunished")).to.equal(3);
  });

  it("slashes the signers of a header with a false table, and leaves those of a true one", async () => {
    const { home, validators } = chain;
    await start();
    await chain.pass(EPOCH_SECONDS);
    const next = await tableFromHistory(home, epoch + 1n);
    const truth = headerVote(home.serviceId, epoch, epoch + 1n, next.hash);
    const made = tableHash(encodeTable(next.validators.slice(1)));
    const lie = headerVote(home.serviceId, epoch, epoch + 1n, made);
    const toJson = (signed: Vote, hash: Hex): string => certified(signed, validators.slice(0, 3), hash);
    expect(await codeOf("/v1/certificates", toJson(truth, next.hash))).to.equal("taken");
    expect(await shown()).to.deep.equal([]);
    expect(await codeOf("/v1/certificates", toJson(lie, made))).to.equal("taken");
    await reach("reported", 3);
    expect((await shown()).map(({ operator }) => operator).sort()).to.deep.equal(
      validators
        .slice(0, 3)
        .map(({ operator }) => operator)
        .sort(),
    );
    expect(await codeOf("/v1/certificates", toJson(truth, made))).to.equal("WORKER_NOT_A_HEADER");
  });

  it("finds a false header and conflicting certificates on the service's own chain", async () => {
    const { home, provider, validators } = chain;
    const remote = await startServiceChain(home, present, await chainTime(provider));
    const board = await remote.deploy("PayloadBoardMock", await remote.inbox.getAddress());
    const consumers = [await board.getAddress()];
    const store = new MemoryStore();
    const followed = { remote: { ...remote, consumers, fromBlock: 0 }, store };
    await start(followed);
    for (const payload of [1, 2]) {
      const certificate = certificateArgument(
        certify(home, present, vote(payload), validators.slice(payload - 1, payload + 2)),
      );
      await remote.sender.send(board.getFunction("post").populateTransaction(vote(payload), certificate));
    }
    await reach("reported", 2);

    await running!.close();
    await chain.pass(EPOCH_SECONDS);
    await remote.pass(EPOCH_SECONDS + 60);
    const next = await tableFromHistory(home, epoch + 1n);
    const table = encodeTable(next.validators.slice(1));
    const lie = headerVote(home.serviceId, epoch, epoch + 1n, tableHash(table));
    const certificate = certificateArgument(
      certify(home, present, lie, [validators[0]!, validators[1]!, validators[3]!]),
    );
    await remote.sender.send(remote.inbox.advance.populateTransaction(epoch + 1n, table, certificate));
    await start(followed);
    await reach("reported", 3);
    expect(await eventCount("OffencePunished")).to.equal(5);
  });

  it("refuses votes that are malformed, of an unknown key, or not signed, and keeps nothing of them", async () => {
    const store = new MemoryStore();
    await start({ store });
    const [validator] = chain.validators;
    const good = JSON.parse(byKey(vote(1), validator!)) as Record<string, unknown>;
    const stranger = blsKeyFromSeed(new Uint8Array(32).fill(9));
    const send = (body: unknown): Promise<unknown> => codeOf("/v1/votes", JSON.stringify(body));
    expect(await send({})).to.equal("HTTP_BODY_INVALID");
    expect(await send({ ...good, more: 1 })).to.equal("HTTP_BODY_INVALID");
    expect(await send({ ...good, key: "0x1234" })).to.equal("HTTP_BODY_INVALID");
    expect(await codeOf("/v1/votes", "{")).to.equal("HTTP_REQUEST_REFUSED");
    expect(await codeOf("/v1/votes", byKey(vote(1), { secretKey: stranger }))).to.equal("STAKING_SIGNER_UNKNOWN");
    expect(await send({ ...good, vote: voteToJson(vote(2)) })).to.equal("STAKING_VOTE_INVALID");
    expect(await codeOf("/v1/votes", byKey(vote(1, { epoch: epoch + 1n }), validator!))).to.equal(
      "STAKING_VOTE_FUTURE",
    );
    expect(await codeOf("/v1/certificates", certified(vote(1), chain.validators.slice(2)))).to.equal(
      "STAKING_QUORUM_MISSED",
    );
    expect(store.keys("")).to.deep.equal([]);
  });

  it("stands a flood of votes: bodies, requests and an operator's positions are limited", async () => {
    const store = new MemoryStore();
    const { url } = await start({ store, limits: { positions: 2 } });
    const [validator] = chain.validators;
    const target = new URL("/v1/votes", url).href;
    expect(await postPart(target, 100_000, "{")).to.contain("413");
    for (const [slot, code] of [
      [0n, "taken"],
      [1n, "taken"],
      [2n, "STAKING_BOOK_FULL"],
    ] as const) {
      expect(await codeOf("/v1/votes", byKey(vote(1, { slot }), validator!))).to.equal(code);
    }
    const codes: unknown[] = [];
    for (let i = 0; i < 30; i++) {
      codes.push(...(await Promise.all(Array.from({ length: 16 }, () => codeOf("/v1/votes", "{}")))));
    }
    expect(new Set(codes)).to.deep.equal(new Set(["HTTP_BODY_INVALID", "HTTP_RATE_LIMIT"]));
    expect(store.keys("vote/")).to.have.length(2);
  });
});
