import { expect } from "chai";

import { signVote } from "../../../src/crypto/bls.ts";
import { VoteCollector, verifyCertificate } from "../../../src/staking/certificate.ts";
import { blsValidators, certify, rowsOf } from "../../support/bls-validators.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const DIGEST = new Uint8Array(32).fill(7);

describe("certificates", () => {
  const validators = blsValidators(6);
  const rows = rowsOf(validators).map((row) => ({ ...row, weight: 10n }));
  const voteOf = (row: number): Uint8Array => signVote(DIGEST, (validators[row] as (typeof validators)[0]).secretKey);

  it("name who is absent", () => {
    const collector = new VoteCollector(rows, DIGEST);
    for (const row of [5, 0, 3, 1, 2]) collector.add(row, voteOf(row));
    const certificate = collector.certificate();
    expect(certificate).to.deep.equal(certify(validators, DIGEST, [4]));
    expect(certificate.absentees).to.equal(0b010000n);
    expect(verifyCertificate(rows, DIGEST, certificate)).to.deep.equal([0, 1, 2, 3, 5]);
  });

  it("need more than two thirds of the weight", () => {
    const collector = new VoteCollector(rows, DIGEST);
    for (const row of [0, 1, 2, 3]) collector.add(row, voteOf(row));
    expect(collector.isQuorum).to.equal(false);
    expect(errorCodeOf(() => collector.certificate())).to.equal("STAKING_QUORUM_MISSED");
    collector.add(3, voteOf(3));
    expect(collector.signedWeight).to.equal(40n);
    collector.add(5, voteOf(5));
    expect(collector.isQuorum).to.equal(true);
    expect(collector.certificate().absentees).to.equal(0b010000n);

    const exact = certify(validators, DIGEST, [4, 5]);
    expect(errorCodeOf(() => verifyCertificate(rows, DIGEST, exact))).to.equal("STAKING_QUORUM_MISSED");
  });

  it("take no vote that is not the row's", () => {
    const collector = new VoteCollector(rows, DIGEST);
    const other = signVote(new Uint8Array(32), (validators[0] as (typeof validators)[0]).secretKey);
    for (const signature of [other, voteOf(1), new Uint8Array(256), new Uint8Array(3)]) {
      expect(
        errorCodeOf(() => {
          collector.add(0, signature);
        }),
      ).to.equal("STAKING_VOTE_INVALID");
    }
    expect(
      errorCodeOf(() => {
        collector.add(6, voteOf(0));
      }),
    ).to.equal("STAKING_ROW_UNKNOWN");
    expect(collector.signedWeight).to.equal(0n);
  });

  it("are refused with any bit flipped, and with bits beyond the table", () => {
    const certificate = certify(validators, DIGEST);
    for (let bit = 0n; bit < 6n; bit++) {
      const flipped = { ...certificate, absentees: certificate.absentees ^ (1n << bit) };
      expect(errorCodeOf(() => verifyCertificate(rows, DIGEST, flipped))).to.equal("STAKING_CERTIFICATE_INVALID");
    }
    for (const absentees of [1n << 6n, 1n << 255n, -1n]) {
      const beyond = { ...certificate, absentees };
      expect(errorCodeOf(() => verifyCertificate(rows, DIGEST, beyond))).to.equal("STAKING_BITS_BEYOND_TABLE");
    }
  });
});
