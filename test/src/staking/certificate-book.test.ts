import { expect } from "chai";

import { aggregateSignatures, blsKeyFromSeed, blsPublicKey, signVote } from "../../../src/crypto/bls.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import type { Certificate } from "../../../src/staking/certificate.ts";
import { CertificateBook } from "../../../src/staking/certificate-book.ts";
import { type Vote, voteDigest } from "../../../src/staking/vote.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { NOW, TERMS, voteFor } from "../../support/service-terms.ts";

const KEYS = [1, 2, 3, 4].map((byte) => blsKeyFromSeed(new Uint8Array(32).fill(byte)));
const ROWS = KEYS.map((secretKey) => ({ key: blsPublicKey(secretKey), weight: 10n }));

function certify(vote: Vote, signers: readonly number[]): Certificate {
  const digest = voteDigest(TERMS.domain, vote);
  const signature = aggregateSignatures(signers.map((row) => signVote(digest, KEYS[row]!)));
  const absentees = KEYS.reduce((bits, _, row) => (signers.includes(row) ? bits : bits | (1n << BigInt(row))), 0n);
  return { signature, absentees };
}

describe("certificate book", () => {
  let store: MemoryStore;
  const open = (): CertificateBook => new CertificateBook({ terms: TERMS, store, rowsOf: () => Promise.resolve(ROWS) });

  beforeEach(() => {
    store = new MemoryStore();
  });

  it("shows two certificates for one position, with who signed both", async () => {
    const book = open();
    const [first, second] = [certify(voteFor(1), [0, 1, 2]), certify(voteFor(2), [1, 2, 3])];
    expect(await book.take(voteFor(1), first, NOW)).to.equal(undefined);
    expect(await book.take(voteFor(1), certify(voteFor(1), [0, 1, 2, 3]), NOW)).to.equal(undefined);
    expect(await open().take(voteFor(2), second, NOW)).to.deep.equal({
      vote: voteFor(1),
      otherPayload: voteFor(2).payload,
      certificate: first,
      otherCertificate: second,
      rows: [1, 2],
    });
  });

  it("finds a conflict of certificates that come at the same time", async () => {
    const book = open();
    const votes = [voteFor(1), voteFor(2)];
    const taken = await Promise.all(votes.map((vote) => book.take(vote, certify(vote, [0, 1, 2]), NOW)));
    expect(taken.map((conflict) => conflict?.rows)).to.deep.equal([undefined, [0, 1, 2]]);
  });

  it("refuses what is no quorum, not signed, of another service, too early or too late, and keeps nothing of it", async () => {
    const book = open();
    const codeOf = (vote: Vote, certificate = certify(vote, [0, 1, 2])): Promise<string> =>
      rejectionCodeOf(() => book.take(vote, certificate, NOW));
    expect(await codeOf(voteFor(1), certify(voteFor(1), [0, 1]))).to.equal("STAKING_QUORUM_MISSED");
    expect(await codeOf(voteFor(1), certify(voteFor(2), [0, 1, 2]))).to.equal("STAKING_CERTIFICATE_INVALID");
    expect(await codeOf(voteFor(1, { serviceId: 4 }))).to.equal("STAKING_VOTE_SERVICE");
    expect(await codeOf(voteFor(1, { epoch: 21n }))).to.equal("STAKING_VOTE_FUTURE");
    expect(await codeOf(voteFor(1, { epoch: 10n }))).to.equal("STAKING_VOTE_CLOSED");
    expect(store.keys("")).to.deep.equal([]);
  });

  it("drops closed epochs, and nothing else", async () => {
    const book = open();
    for (const epoch of [11n, 12n]) {
      const vote = voteFor(1, { epoch });
      await book.take(vote, certify(vote, [0, 1, 2]), NOW);
    }
    await book.dropClosed(2_101n);
    expect(store.keys("")).to.have.length(1);
  });
});
