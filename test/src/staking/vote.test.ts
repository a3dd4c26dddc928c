import { expect } from "chai";
import { AbiCoder, TypedDataEncoder, keccak256 } from "ethers";
import fc from "fast-check";

import { toHex } from "../../../src/core/bytes.ts";
import { headerVote, positionHash, VOTE_TYPE, type Vote, voteDigest } from "../../../src/staking/vote.ts";

const HOME = { chainId: 31337, verifyingContract: "0x5FbDB2315678afecb367f032d93F642f64180aa3" } as const;
const POSITION_TYPES = ["uint32", "uint64", "uint64", "uint32", "uint8"];

const VOTE: Vote = { serviceId: 1, epoch: 2n, slot: 3n, round: 4, voteType: 5, payload: `0x${"06".repeat(32)}` };
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const votes: fc.Arbitrary<Vote> = fc.record({
  serviceId: fc.nat({ max: 0xffffffff }),
  epoch: uint64,
  slot: uint64,
  round: fc.nat({ max: 0xffffffff }),
  voteType: fc.nat({ max: 0xff }),
  payload: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes)),
});

describe("votes", () => {
  it("are hashed as ethers hashes typed data", () => {
    const types = { Vote: Object.entries(VOTE_TYPE.members).map(([name, type]) => ({ name, type })) };
    const domain = { name: "Glassbox", version: "1", ...HOME };
    fc.assert(
      fc.property(votes, (vote) => {
        expect(toHex(voteDigest(HOME, vote))).to.equal(TypedDataEncoder.hash(domain, types, vote));
      }),
      { numRuns: 25, seed: 3 },
    );
  });

  it("share a position exactly if all but the payload is equal", () => {
    fc.assert(
      fc.property(votes, ({ payload, ...position }) => {
        const encoded = AbiCoder.defaultAbiCoder().encode(POSITION_TYPES, Object.values(position));
        expect(positionHash(position)).to.equal(keccak256(encoded));
        expect(positionHash({ ...position, payload } as Vote)).to.equal(positionHash(position));
      }),
      { numRuns: 25, seed: 3 },
    );
    const others = [{ serviceId: 2 }, { epoch: 3n }, { slot: 4n }, { round: 5 }, { voteType: 6 }];
    const hashes = [{}, ...others].map((change) => positionHash({ ...VOTE, ...change }));
    expect(new Set(hashes).size).to.equal(6);
  });

  it("for a table name its epoch and its hash", () => {
    const tableHash = `0x${"ab".repeat(32)}` as const;
    const payload = keccak256(AbiCoder.defaultAbiCoder().encode(["uint64", "bytes32"], [9n, tableHash]));
    expect(headerVote(1, 7n, 9n, tableHash)).to.deep.equal({
      serviceId: 1,
      epoch: 7n,
      slot: 9n,
      round: 0,
      voteType: 0,
      payload,
    });
  });
});
