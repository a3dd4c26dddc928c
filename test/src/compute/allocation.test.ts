import { expect } from "chai";
import fc from "fast-check";

import { RECORD_BYTES, RECORD_OFFSETS } from "../../../src/core/record-layout.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import {
  allocateShares,
  decodeAllocation,
  decodeCredits,
  encodeAllocation,
  encodeCredits,
  type AllocationInputs,
} from "../../../src/compute/allocation.ts";
import { MAX_TERM } from "../../../src/compute/terms.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallProgram } from "../../support/small-training.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

const program = smallProgram();

function recordsOf(people: readonly (readonly [contributor: number, labeller: number])[]): Uint8Array {
  const records = new Uint8Array(people.length * RECORD_BYTES);
  const view = new DataView(records.buffer);
  people.forEach(([contributor, labeller], i) => {
    records.fill(0xaa, i * RECORD_BYTES, i * RECORD_BYTES + 193);
    view.setInt32(i * RECORD_BYTES + RECORD_OFFSETS.contributor, contributor, true);
    view.setInt32(i * RECORD_BYTES + RECORD_OFFSETS.labeller, labeller, true);
  });
  return records;
}

function inputsOf(
  people: readonly (readonly [number, number])[],
  credits: readonly number[],
  terms: Partial<AllocationInputs["terms"]> = {},
): AllocationInputs {
  return {
    records: recordsOf(people),
    credits: encodeCredits(credits),
    accounts: 5,
    terms: {
      shareSupply: 1_000_003n,
      poolsBps: [4000, 2000, 3000, 1000],
      samples: people.length,
      credits: credits.length,
      initiatorAccount: 2,
      ...terms,
    },
  };
}

describe("allocation of shares", () => {
  const people = [
    [0, 1],
    [0, 0],
    [1, 0],
  ] as const;

  it("gives each pool in proportion and the rest to the initiator", () => {
    const amounts = allocateShares(program, inputsOf(people, [3, 4, 3, 3]));
    const data = 400_001n;
    const labels = 200_000n;
    const compute = 300_000n;
    const others = [
      (data * 2n) / 3n + (labels * 2n) / 3n,
      data / 3n + labels / 3n,
      0n,
      (compute * 3n) / 4n,
      compute / 4n,
    ];
    others[2] = 1_000_003n - others.reduce((total, amount) => total + amount);
    expect([...amounts]).to.deep.equal(others);
    expect(fileRoot(encodeAllocation(amounts))).to.equal(vectors.allocation.root);
    expect(decodeAllocation(encodeAllocation(amounts), 5)).to.deep.equal(amounts);
  });

  it("sums to the supply, whoever took part and whatever indices are wrong", () => {
    const index = fc.integer({ min: -2, max: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(index, index), { minLength: 1, maxLength: 40 }),
        fc.array(index, { minLength: 1, maxLength: 20 }),
        fc.bigInt({ min: 0n, max: MAX_TERM }),
        (records, credits, shareSupply) => {
          const amounts = allocateShares(program, inputsOf(records, credits, { shareSupply }));
          expect(amounts.every((amount) => amount >= 0n)).to.equal(true);
          expect(amounts.reduce((total, amount) => total + amount, 0n)).to.equal(shareSupply);
        },
      ),
      { numRuns: 60, seed: 0x61a55 },
    );
  });

  it("counts more than one chunk of records and of accounts", () => {
    const many = Array.from({ length: 3000 }, (_, i) => [i % 1500, 0] as const);
    const inputs = { ...inputsOf(many, [1200]), accounts: 1600 };
    const amounts = allocateShares(program, inputs);
    expect(amounts[1]).to.equal(400_001n / 1500n);
    expect(amounts[1200]).to.equal(400_001n / 1500n + 300_000n);
    expect(amounts.reduce((total, amount) => total + amount, 0n)).to.equal(1_000_003n);
  });

  it("keeps credits", () => {
    expect([...decodeCredits(encodeCredits([4, 3, 5]), 3)]).to.deep.equal([4, 3, 5]);
    expect(errorCodeOf(() => decodeCredits(encodeCredits([4, 3, 5]), 65))).to.equal("TENSOR_LENGTH_MISMATCH");
  });

  it("refuses bad input", () => {
    const good = inputsOf(people, [3]);
    const codes = [
      errorCodeOf(() => allocateShares(program, { ...good, records: good.records.subarray(1) })),
      errorCodeOf(() => allocateShares(program, inputsOf(people, [3], { initiatorAccount: 5 }))),
      errorCodeOf(() => allocateShares(program, inputsOf(people, [3], { poolsBps: [1, 2, 3, 4] }))),
      errorCodeOf(() => allocateShares(program, inputsOf(people, [3], { shareSupply: MAX_TERM + 1n }))),
      errorCodeOf(() => allocateShares(program, inputsOf(people, [3], { shareSupply: 2n ** 64n }))),
      errorCodeOf(() => allocateShares(program, inputsOf(people, [3], { shareSupply: -1n }))),
    ];
    expect(codes).to.deep.equal(["COMPUTE_DATA_MISMATCH", ...new Array<string>(5).fill("COMPUTE_TERMS_INVALID")]);
  });
});
