import { expect } from "chai";
import { AbiCoder } from "ethers";

import { type Hex, toHex } from "../../../src/core/bytes.ts";
import { addressOfSecretKey } from "../../../src/crypto/address.ts";
import { aggregateSignatures, blsKeyFromSeed, blsPublicKey, signVote } from "../../../src/crypto/bls.ts";
import { derivedDevelopmentKey } from "../../../src/crypto/development-keys.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import type { KeyDirectory, KeyOwner } from "../../../src/staking/key-directory.ts";
import { type Vote, positionHash, voteDigest } from "../../../src/staking/vote.ts";
import { type SignedVote, type StakeQuestion, VoteBook, type VoteBookLimits } from "../../../src/staking/vote-book.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { NOW, TERMS, voteFor } from "../../support/service-terms.ts";

const OPERATOR: Hex = `0x${"0a".repeat(20)}`;
const SIGNER = derivedDevelopmentKey(31337, "vote-book", "signer");
const NEW_SIGNER = derivedDevelopmentKey(31337, "vote-book", "new signer");
const STRANGER = derivedDevelopmentKey(31337, "vote-book", "stranger");
const BLS = blsKeyFromSeed(new Uint8Array(32).fill(1));
const NEW_BLS = blsKeyFromSeed(new Uint8Array(32).fill(2));

function bySigner(vote: Vote, secretKey = SIGNER): SignedVote {
  return { scheme: "secp256k1", vote, signature: signDigest(voteDigest(TERMS.domain, vote), secretKey) };
}

function byKey(vote: Vote, secretKey = BLS): SignedVote {
  const signature = signVote(voteDigest(TERMS.domain, vote), secretKey);
  return { scheme: "bls", vote, key: blsPublicKey(secretKey), signature };
}

describe("vote book", () => {
  let store: MemoryStore;
  let ends: Map<Hex, bigint>;
  let stakedFrom: bigint;

  beforeEach(() => {
    store = new MemoryStore();
    ends = new Map();
    stakedFrom = 0n;
  });

  function open(limits: Partial<VoteBookLimits> = {}): VoteBook {
    const known = new Map<Hex, Hex>();
    for (const key of [SIGNER, NEW_SIGNER]) known.set(addressOfSecretKey(key), OPERATOR);
    for (const key of [BLS, NEW_BLS]) known.set(toHex(blsPublicKey(key)), OPERATOR);
    const find = (name: Hex): Promise<KeyOwner | undefined> => {
      const operator = known.get(name);
      return Promise.resolve(operator && { operator, endedAt: ends.get(name) ?? 0n });
    };
    const keys: KeyDirectory = { ofSigner: find, ofKey: (key) => find(toHex(key)) };
    const hasStakeAt: StakeQuestion = (operator, t) => Promise.resolve(operator === OPERATOR && t >= stakedFrom);
    return new VoteBook({ terms: TERMS, keys, hasStakeAt, store, limits });
  }

  const formOf = (evidence: Hex): unknown[] => {
    const [form, body] = AbiCoder.defaultAbiCoder().decode(["uint8", "bytes"], evidence);
    return [form, body];
  };

  for (const [scheme, form, signed] of [
    ["secp256k1", 0n, bySigner],
    ["bls", 1n, byKey],
  ] as const) {
    it(`shows two payloads for one position at once, as evidence (${scheme})`, async () => {
      const book = open();
      expect(await book.take(signed(voteFor(1)), NOW)).to.deep.equal({
        operator: OPERATOR,
        isNew: true,
        conflict: undefined,
      });
      const { conflict } = await book.take(signed(voteFor(2)), NOW);
      expect(conflict).to.include({ operator: OPERATOR, offenceKey: positionHash(voteFor(1)), epoch: 20n });
      expect(formOf(conflict?.evidence ?? "0x")[0]).to.equal(form);
      expect(book.size).to.equal(1);
    });
  }

  it("makes BLS evidence of the sum of both signatures", async () => {
    const book = open();
    const [first, second] = [byKey(voteFor(1)), byKey(voteFor(2))];
    await book.take(first, NOW);
    const { conflict } = await book.take(second, NOW);
    const sum = toHex(aggregateSignatures([first.signature, second.signature]));
    expect(conflict?.evidence).to.contain(sum.slice(2));
  });

  it("finds a conflict of votes that come at the same time", async () => {
    const book = open();
    const taken = await Promise.all([1, 2, 3].map((payload) => book.take(bySigner(voteFor(payload)), NOW)));
    expect(taken.map(({ conflict }) => conflict !== undefined)).to.deep.equal([false, true, true]);
  });

  it("takes a vote that it has without effect, and other positions as votes of their own", async () => {
    const book = open();
    await book.take(bySigner(voteFor(1)), NOW);
    expect(await book.take(bySigner(voteFor(1)), NOW)).to.include({ isNew: false, conflict: undefined });
    const positions = [{ round: 1 }, { slot: 8n }, { epoch: 19n }, { voteType: 3 }];
    for (const position of positions) {
      const outcome = await book.take(bySigner(voteFor(2, position)), NOW);
      expect(outcome).to.include({ isNew: true, conflict: undefined });
    }
    expect(book.size).to.equal(5);
  });

  it("finds votes by two signers of one operator to conflict, by two BLS keys not: they prove nothing", async () => {
    const book = open();
    await book.take(bySigner(voteFor(1)), NOW);
    expect((await book.take(bySigner(voteFor(2), NEW_SIGNER), NOW)).conflict).to.not.equal(undefined);
    await book.take(byKey(voteFor(1)), NOW);
    expect((await book.take(byKey(voteFor(2), NEW_BLS), NOW)).conflict).to.equal(undefined);
  });

  it("still finds the conflict after a restart", async () => {
    await open().take(byKey(voteFor(1)), NOW);
    const reopened = open();
    expect(reopened.size).to.equal(1);
    expect((await reopened.take(byKey(voteFor(2)), NOW)).conflict).to.not.equal(undefined);
  });

  it("refuses a vote for an unknown key", async () => {
    const unknown = blsKeyFromSeed(new Uint8Array(32).fill(9));
    await refuses(bySigner(voteFor(1), STRANGER), "STAKING_SIGNER_UNKNOWN");
    await refuses(byKey(voteFor(1), unknown), "STAKING_SIGNER_UNKNOWN");
  });

  it("refuses a key that ended longer than the delay ago, which proves nothing any more", async () => {
    ends.set(addressOfSecretKey(SIGNER), NOW - TERMS.delaySeconds - 1n);
    await refuses(bySigner(voteFor(1)), "STAKING_KEY_ENDED");
    ends.set(addressOfSecretKey(SIGNER), NOW - TERMS.delaySeconds);
    expect((await open().take(bySigner(voteFor(1)), NOW)).isNew).to.equal(true);
  });

  it("refuses signatures that are not of the vote", async () => {
    const other = byKey(voteFor(2));
    await refuses({ ...other, vote: voteFor(1) }, "STAKING_VOTE_INVALID");
    await refuses({ ...other, signature: new Uint8Array(256) }, "STAKING_VOTE_INVALID");
    await refuses({ ...bySigner(voteFor(1)), signature: new Uint8Array(65) }, "STAKING_VOTE_INVALID");
    // A signature on another vote recovers to a key that nobody has.
    await refuses({ ...bySigner(voteFor(2)), vote: voteFor(1) }, "STAKING_SIGNER_UNKNOWN");
  });

  it("refuses other services, epochs that have not begun, and those that are closed", async () => {
    await refuses(bySigner(voteFor(1, { serviceId: 4 })), "STAKING_VOTE_SERVICE");
    await refuses(bySigner(voteFor(1, { epoch: 21n })), "STAKING_VOTE_FUTURE");
    await refuses(bySigner(voteFor(1, { epoch: 10n })), "STAKING_VOTE_CLOSED");
  });

  it("drops the votes of closed epochs, and nothing else", async () => {
    const book = open();
    await book.take(bySigner(voteFor(1, { epoch: 11n })), NOW);
    await book.take(bySigner(voteFor(1, { epoch: 12n })), NOW);
    await book.dropClosed(2_100n);
    expect(book.size).to.equal(2);
    await book.dropClosed(2_101n);
    expect([book.size, store.keys("").length]).to.deep.equal([1, 1]);
  });

  it("keeps a flood of votes within an operator's limit, and still finds its conflicts", async () => {
    const book = open({ positions: 3 });
    for (let slot = 0n; slot < 3n; slot++) await book.take(bySigner(voteFor(1, { slot })), NOW);
    for (let slot = 3n; slot < 20n; slot++) {
      const code = await rejectionCodeOf(() => book.take(bySigner(voteFor(1, { slot })), NOW));
      expect(code).to.equal("STAKING_BOOK_FULL");
    }
    expect([book.size, store.keys("").length]).to.deep.equal([3, 3]);
    expect((await book.take(bySigner(voteFor(2, { slot: 2n })), NOW)).conflict).to.not.equal(undefined);
    expect((await book.take(bySigner(voteFor(1, { epoch: 19n })), NOW)).isNew).to.equal(true);
  });

  it("keeps all operators within the book's limit", async () => {
    const book = open({ votes: 1 });
    await book.take(bySigner(voteFor(1)), NOW);
    const code = await rejectionCodeOf(() => book.take(bySigner(voteFor(1, { epoch: 19n })), NOW));
    expect([code, book.size]).to.deep.equal(["STAKING_BOOK_FULL", 1]);
  });

  async function refuses(signed: SignedVote, code: string): Promise<void> {
    const book = open();
    expect(await rejectionCodeOf(() => book.take(signed, NOW))).to.equal(code);
    expect([book.size, store.keys("").length]).to.deep.equal([0, 0]);
  }

  it("keeps no vote of an operator that had nothing at stake when the epoch began", async () => {
    const book = open();
    stakedFrom = 20n * TERMS.epochSeconds + 1n;
    for (const signed of [bySigner(voteFor(1)), byKey(voteFor(1))]) {
      expect(await rejectionCodeOf(() => book.take(signed, NOW))).to.equal("STAKING_NOTHING_AT_STAKE");
    }
    expect([book.size, store.keys("")]).to.deep.equal([0, []]);
    stakedFrom -= 1n;
    expect(await book.take(bySigner(voteFor(1)), NOW)).to.include({ isNew: true });
  });
});
