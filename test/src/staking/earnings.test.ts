import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";
import fc from "fast-check";

import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { paddedLeafCount } from "../../../src/crypto/file-shape.ts";
import { rootOfOpening } from "../../../src/crypto/file-tree.ts";
import { EarningsFile, type EarningsEntry } from "../../../src/staking/earnings.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const ALICE: Hex = "0x00000000000000000000000000000000000A11cE";
const BOB: Hex = "0x0000000000000000000000000000000000000b0b";

const anyEntry = fc.record({
  operator: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex),
  cumulativeWei: fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }),
});
const anyEntries = fc.uniqueArray(anyEntry, { minLength: 1, maxLength: 150, selector: (entry) => entry.operator });

function byOperator(a: EarningsEntry, b: EarningsEntry): number {
  return a.operator.toLowerCase() < b.operator.toLowerCase() ? -1 : 1;
}

describe("EarningsFile", () => {
  it("writes an address and 96 bits an entry, in the order of addresses", () => {
    const file = new EarningsFile([
      { operator: ALICE, cumulativeWei: 2n ** 96n - 1n },
      { operator: BOB, cumulativeWei: 258n },
    ]);
    expect(toHex(file.bytes)).to.equal(
      `0x${"b0b".padStart(40, "0")}${"102".padStart(24, "0")}${"a11ce".padStart(40, "0")}${"f".repeat(24)}`,
    );
    expect(file.indexOf(ALICE)).to.equal(1);
    expect(file.entries[0]).to.deep.equal({ operator: file.entries[0]!.operator, cumulativeWei: 258n });
  });

  it("opens every entry against the root, whatever their order was", () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const file = new EarningsFile(entries);
        expect(new EarningsFile([...entries].reverse()).root).to.equal(file.root);
        [...entries].sort(byOperator).forEach((entry, i) => {
          expect(file.indexOf(entry.operator)).to.equal(i);
          const opening = file.open(i);
          const leaf = Math.floor(i / 8);
          expect(rootOfOpening(opening, leaf, paddedLeafCount(Math.ceil(entries.length / 8)))).to.equal(file.root);
          const bytes = Buffer.from(opening.leaf.subarray((i % 8) * 32, (i % 8) * 32 + 32));
          expect(`0x${bytes.toString("hex", 0, 20)}`).to.equal(entry.operator);
          expect(BigInt(`0x${bytes.toString("hex", 20)}`)).to.equal(entry.cumulativeWei);
        });
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  it("hashes root and count into the vote's payload as the contract does", () => {
    const file = new EarningsFile([{ operator: ALICE, cumulativeWei: 1n }]);
    const encoded = AbiCoder.defaultAbiCoder().encode(["bytes32", "uint32"], [file.root, 1]);
    expect(file.payload).to.equal(keccak256(encoded));
  });

  it("reads what it wrote", () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const file = new EarningsFile(entries);
        const read = EarningsFile.decode(file.bytes);
        expect(read.entries).to.deep.equal(file.entries);
        expect(read.root).to.equal(file.root);
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  it("refuses files that are no earnings files", () => {
    const entry = { operator: ALICE, cumulativeWei: 1n };
    const twice = Buffer.concat([new EarningsFile([entry]).bytes, new EarningsFile([entry]).bytes]);
    const two = new EarningsFile([entry, { operator: BOB, cumulativeWei: 1n }]).bytes;
    const swapped = Buffer.concat([two.subarray(32), two.subarray(0, 32)]);
    for (const bytes of [new Uint8Array(), two.subarray(1), twice, swapped]) {
      expect(errorCodeOf(() => EarningsFile.decode(bytes))).to.equal("STAKING_EARNINGS_INVALID");
    }
  });

  it("refuses entries that do not fit", () => {
    const bad: EarningsEntry[][] = [
      [],
      [{ operator: ALICE, cumulativeWei: -1n }],
      [{ operator: ALICE, cumulativeWei: 2n ** 96n }],
      [
        { operator: ALICE, cumulativeWei: 1n },
        { operator: ALICE.toLowerCase() as Hex, cumulativeWei: 2n },
      ],
    ];
    for (const entries of bad) {
      expect(errorCodeOf(() => new EarningsFile(entries))).to.equal("STAKING_EARNINGS_INVALID");
    }
    expect(errorCodeOf(() => new EarningsFile([{ operator: "0x12", cumulativeWei: 1n }]))).to.equal("CORE_HEX_INVALID");
  });

  it("refuses to open what is not there", () => {
    const file = new EarningsFile([{ operator: ALICE, cumulativeWei: 1n }]);
    for (const index of [-1, 1, 0.5]) {
      expect(errorCodeOf(() => file.open(index))).to.equal("STAKING_EARNINGS_UNKNOWN");
    }
    expect(errorCodeOf(() => file.indexOf(BOB))).to.equal("STAKING_EARNINGS_UNKNOWN");
  });
});
