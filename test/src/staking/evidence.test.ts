import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";

import { toHex } from "../../../src/core/bytes.ts";
import { aggregateSignatures, signVote } from "../../../src/crypto/bls.ts";
import {
  evidenceCommitment,
  guiltyRowEvidence,
  keyVotesEvidence,
  signerVotesEvidence,
} from "../../../src/staking/evidence.ts";
import { blsValidators } from "../../support/bls-validators.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const coder = AbiCoder.defaultAbiCoder();
const VOTE = "tuple(uint32,uint64,uint64,uint32,uint8,bytes32)";
const POSITION = { serviceId: 1, epoch: 2n, slot: 3n, round: 4, voteType: 5 };
const [A, B] = [`0x${"0a".repeat(32)}`, `0x${"0b".repeat(32)}`] as const;

/** The contract's view of evidence is tested in test/contracts/staking/quorum.test.ts. */
describe("evidence of equivocation", () => {
  const signed = (payload: typeof A, byte: number) => ({
    payload,
    signature: new Uint8Array(65).fill(byte),
  });

  it("holds one position, two payloads and both signatures", () => {
    const [form, body] = coder.decode(["uint8", "bytes"], signerVotesEvidence(POSITION, signed(A, 1), signed(B, 2)));
    expect(form).to.equal(0n);
    const decoded = coder.decode([VOTE, "bytes32", "bytes", "bytes"], body as string).toArray(true);
    expect(decoded).to.deep.equal([
      [1n, 2n, 3n, 4n, 5n, A],
      B,
      toHex(new Uint8Array(65).fill(1)),
      toHex(new Uint8Array(65).fill(2)),
    ]);
  });

  it("sums up the signatures of one BLS key", () => {
    const [{ secretKey, key }] = blsValidators(1) as [ReturnType<typeof blsValidators>[0]];
    const signatures = [1, 2].map((byte) => signVote(new Uint8Array(32).fill(byte), secretKey));
    const [first, second] = signatures as [Uint8Array, Uint8Array];
    const evidence = keyVotesEvidence(
      POSITION,
      key,
      { payload: A, signature: first },
      { payload: B, signature: second },
    );
    const [form, body] = coder.decode(["uint8", "bytes"], evidence);
    expect(form).to.equal(1n);
    const [, other, evidenceKey, sum] = coder.decode([VOTE, "bytes32", "bytes", "bytes"], body as string);
    expect([other, evidenceKey, sum]).to.deep.equal([B, toHex(key), toHex(aggregateSignatures(signatures))]);
  });

  it("names a row of a recorded conflict by its position", () => {
    const [form, body] = coder.decode(["uint8", "bytes"], guiltyRowEvidence(POSITION, 63));
    expect(form).to.equal(2n);
    const types = ["uint64", "uint64", "uint32", "uint8", "uint256"];
    expect([...coder.decode(types, body as string)]).to.deep.equal([2n, 3n, 4n, 5n, 63n]);
  });

  it("is none if both votes are for the same", () => {
    const same = { payload: A.toUpperCase().replace("X", "x") as typeof A, signature: new Uint8Array(65) };
    expect(errorCodeOf(() => signerVotesEvidence(POSITION, signed(A, 1), same))).to.equal("STAKING_NO_CONFLICT");
    const none = new Uint8Array(96);
    expect(errorCodeOf(() => keyVotesEvidence(POSITION, none, signed(A, 1), same))).to.equal("STAKING_NO_CONFLICT");
  });

  it("is committed to with reporter and salt", () => {
    const evidence = guiltyRowEvidence(POSITION, 1);
    const reporter = `0x${"0c".repeat(20)}` as const;
    expect(evidenceCommitment({ serviceId: 1, evidence, reporter, salt: A })).to.equal(
      keccak256(coder.encode(["uint32", "bytes32", "address", "bytes32"], [1, keccak256(evidence), reporter, A])),
    );
  });
});
