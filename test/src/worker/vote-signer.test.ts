import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { fromHex } from "../../../src/core/bytes.ts";
import { verifyVote } from "../../../src/crypto/bls.ts";
import { LmdbStore } from "../../../src/db/lmdb-store.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { tableFromHistory } from "../../../src/staking/table-history.ts";
import { headerVote, type Vote, voteDigest } from "../../../src/staking/vote.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { VoteJournal } from "../../../src/worker/vote-journal.ts";
import { voteToJson } from "../../../src/worker/vote-protocol.ts";
import { startVoteSigner, VoteSigner, type VoteSignerOptions } from "../../../src/worker/vote-signer.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { EPOCH_SECONDS, type QuorumChain, startQuorumChain } from "../../support/quorum-chain.ts";
import { TERMS, voteFor } from "../../support/service-terms.ts";

const OPERATOR = `0x${"0a".repeat(20)}` as const;

describe("vote journal", () => {
  const open = (store = new MemoryStore(), newFloor = 19n): Promise<VoteJournal> =>
    VoteJournal.open(store, TERMS.domain, OPERATOR, newFloor);

  it("allows one payload for a position, as often as it is asked for", async () => {
    const journal = await open();
    await journal.allow(voteFor(1));
    await journal.allow(voteFor(1));
    expect(await rejectionCodeOf(() => journal.allow(voteFor(2)))).to.equal("WORKER_VOTE_CONFLICT");
    await journal.allow(voteFor(2, { round: 1 }));
    await journal.allow(voteFor(2, { serviceId: 4 }));
  });

  it("allows one of two payloads that come at the same time", async () => {
    const journal = await open();
    const codes = await Promise.all([1, 2].map((payload) => rejectionCodeOf(() => journal.allow(voteFor(payload)))));
    expect(codes).to.deep.equal(["none", "WORKER_VOTE_CONFLICT"]);
  });

  it("allows one of two payloads that come to two signers on one journal", async () => {
    const store = new MemoryStore();
    const [first, second] = [await open(store), await open(store)];
    const codes = await Promise.all([
      rejectionCodeOf(() => first.allow(voteFor(1))),
      rejectionCodeOf(() => second.allow(voteFor(2))),
    ]);
    expect(codes).to.deep.equal(["none", "WORKER_VOTE_CONFLICT"]);
  });

  it("allows nothing that is not kept", async () => {
    class FailingStore extends MemoryStore {
      isFull = false;
      override keepFirst(key: string, value: Uint8Array): Promise<Uint8Array> {
        return this.isFull ? Promise.reject(new TypeError("disk full")) : super.keepFirst(key, value);
      }
    }
    const store = new FailingStore();
    const journal = await open(store);
    store.isFull = true;
    let failed: unknown;
    await journal.allow(voteFor(1)).catch((error: unknown) => (failed = error));
    expect(failed).to.be.instanceOf(TypeError);
    store.isFull = false;
    await journal.allow(voteFor(2));
    expect(await rejectionCodeOf(() => journal.allow(voteFor(1)))).to.equal("WORKER_VOTE_CONFLICT");
  });

  it("refuses, when restarted, a vote that conflicts with one from before", async () => {
    const folder = await mkdtemp(join(tmpdir(), "glassbox-journal-"));
    const store = new LmdbStore(folder);
    await (await VoteJournal.open(store, TERMS.domain, OPERATOR, 19n)).allow(voteFor(1));
    await store.close();

    const reopened = new LmdbStore(folder);
    const journal = await VoteJournal.open(reopened, TERMS.domain, OPERATOR, 25n);
    expect(journal.floor).to.equal(19n);
    expect(await rejectionCodeOf(() => journal.allow(voteFor(2)))).to.equal("WORKER_VOTE_CONFLICT");
    await journal.allow(voteFor(1));
    await reopened.close();
    await rm(folder, { recursive: true });
  });

  it("signs nothing, when lost, in the epochs it may have signed in", async () => {
    await (await open()).allow(voteFor(1));
    const lost = await open(new MemoryStore(), 20n);
    for (const payload of [1, 2]) {
      expect(await rejectionCodeOf(() => lost.allow(voteFor(payload)))).to.equal("WORKER_VOTE_BELOW_FLOOR");
    }
    await lost.allow(voteFor(1, { epoch: 21n }));
  });

  it("never allows again what it forgot", async () => {
    const store = new MemoryStore();
    const journal = await open(store);
    await journal.allow(voteFor(1));
    await journal.allow(voteFor(1, { epoch: 21n }));
    await journal.forgetBefore(21n);
    await journal.forgetBefore(20n);
    for (const known of [journal, await open(store)]) {
      expect(known.floor).to.equal(20n);
      expect(await rejectionCodeOf(() => known.allow(voteFor(2)))).to.equal("WORKER_VOTE_BELOW_FLOOR");
      expect(await rejectionCodeOf(() => known.allow(voteFor(2, { epoch: 21n })))).to.equal("WORKER_VOTE_CONFLICT");
    }
    expect(store.keys("")).to.have.length(2);
  });
});

describe("vote signer", function () {
  this.timeout(60_000);

  let chain: QuorumChain;
  let epoch: bigint;

  before(async () => {
    chain = await startQuorumChain(2);
    epoch = await chain.epoch();
  });

  function options(changed: Partial<VoteSignerOptions> = {}): VoteSignerOptions {
    const { operator, secretKey } = chain.validators[0]!;
    const store = new MemoryStore();
    return { home: chain.home, operator, secretKey, store, firstEpoch: 1n, confirmations: 0, ...changed };
  }

  const vote = (payload: number, position: Partial<Vote> = {}): Vote =>
    voteFor(payload, { serviceId: chain.home.serviceId, epoch, ...position });

  async function header(signersEpoch = epoch - 1n): Promise<Vote> {
    const { hash } = await tableFromHistory(chain.home, epoch);
    return headerVote(chain.home.serviceId, signersEpoch, epoch, hash);
  }

  it("signs as the operator's key in the home chain's domain", async () => {
    const signer = await VoteSigner.open(options());
    const { operator, key, signature } = await signer.sign(vote(1));
    expect(operator).to.equal(chain.validators[0]!.operator);
    expect(verifyVote(fromHex(key), voteDigest(chain.home.domain, vote(1)), fromHex(signature))).to.equal(true);
  });

  it("refuses, when restarted, to sign a conflicting vote", async () => {
    const store = new MemoryStore();
    const first = await (await VoteSigner.open(options({ store }))).sign(vote(1));
    const restarted = await VoteSigner.open(options({ store }));
    expect(await rejectionCodeOf(() => restarted.sign(vote(2)))).to.equal("WORKER_VOTE_CONFLICT");
    expect(await restarted.sign(vote(1))).to.deep.equal(first);
  });

  it("waits for the next epoch with a journal that begins", async () => {
    const waiting = options();
    delete (waiting as { firstEpoch?: bigint }).firstEpoch;
    const signer = await VoteSigner.open(waiting);
    expect(signer.floor).to.equal(epoch);
    expect(await rejectionCodeOf(() => signer.sign(vote(1)))).to.equal("WORKER_VOTE_BELOW_FLOOR");
  });

  it("refuses another service, an epoch that has not begun, and a key of another operator", async () => {
    const signer = await VoteSigner.open(options());
    const codeOf = (wrong: Vote): Promise<string> => rejectionCodeOf(() => signer.sign(wrong));
    expect(await codeOf(vote(1, { serviceId: 99 }))).to.equal("WORKER_VOTE_SERVICE");
    expect(await codeOf(vote(1, { epoch: epoch + 1n }))).to.equal("WORKER_VOTE_FUTURE");
    const { secretKey } = chain.validators[1]!;
    expect(await rejectionCodeOf(() => VoteSigner.open(options({ secretKey })))).to.equal("WORKER_KEY_NOT_MINE");
  });

  it("signs a header only if the home chain's history makes its table", async () => {
    const store = new MemoryStore();
    const signer = await VoteSigner.open(options({ store }));
    const kept = store.keys("").length;
    const isFalse = { ...(await header()), payload: `0x${"ee".repeat(32)}` as const };
    const codeOf = (wrong: Vote): Promise<string> => rejectionCodeOf(() => signer.signHeader(wrong));
    expect(await codeOf(isFalse)).to.equal("WORKER_HEADER_FALSE");
    expect(await codeOf({ ...(await header()), round: 1 })).to.equal("WORKER_HEADER_FALSE");
    expect(await codeOf(await header(epoch))).to.equal("WORKER_HEADER_FALSE");
    expect(store.keys("")).to.have.length(kept);
    expect((await signer.signHeader(await header())).operator).to.equal(chain.validators[0]!.operator);
  });

  it("signs a header only once its epoch's first block is deep enough", async () => {
    const signer = await VoteSigner.open(options({ confirmations: 5 }));
    await chain.pass(EPOCH_SECONDS);
    epoch = await chain.epoch();
    expect(await rejectionCodeOf(async () => signer.signHeader(await header()))).to.equal("WORKER_HEADER_UNCONFIRMED");
    for (let block = 0; block < 5; block++) await chain.provider.send("evm_mine", []);
    expect((await signer.signHeader(await header())).signature).to.have.length(2 + 512);
  });

  it("signs headers for everybody over HTTP, and other votes for whoever has the token", async () => {
    const store = new MemoryStore();
    const listening = { host: "127.0.0.1", port: 0, logger: createLogger("test", "silent") };
    const server = await startVoteSigner({ ...options({ store }), ...listening, token: "a secret" });
    const ask = async (wanted: Vote, authorization?: string): Promise<string> => {
      const response = await fetch(new URL("/v1/signatures", server.url), {
        method: "POST",
        headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
        body: JSON.stringify(voteToJson(wanted)),
      });
      const answer = (await response.json()) as { error?: { code: string }; signature?: string };
      return answer.error?.code ?? "signed";
    };
    try {
      expect(await ask(await header())).to.equal("signed");
      expect(await ask(vote(1))).to.equal("WORKER_TOKEN_MISSING");
      expect(await ask(vote(1), "Bearer another")).to.equal("WORKER_TOKEN_MISSING");
      expect(await ask(vote(1), "Bearer a secret")).to.equal("signed");
      expect(await ask(vote(2), "Bearer a secret")).to.equal("WORKER_VOTE_CONFLICT");
    } finally {
      await server.close();
    }
  });

  it("signs no other vote for anybody without a token of its own", async () => {
    const listening = { host: "127.0.0.1", port: 0, logger: createLogger("test", "silent") };
    const server = await startVoteSigner({ ...options(), ...listening });
    const response = await fetch(new URL("/v1/signatures", server.url), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer " },
      body: JSON.stringify(voteToJson(vote(1))),
    });
    expect(response.status).to.equal(400);
    await server.close();
  });
});
