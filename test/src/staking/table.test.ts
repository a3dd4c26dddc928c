import { expect } from "chai";
import { keccak256 } from "ethers";

import { toHex } from "../../../src/core/bytes.ts";
import { aggregateKeys } from "../../../src/crypto/bls.ts";
import { decodeTable, encodeTable, MAX_ROW_WEIGHT, ROW_BYTES, tableHash } from "../../../src/staking/table.ts";
import { blsValidators, rowsOf } from "../../support/bls-validators.ts";
import { errorCodeOf } from "../../support/error-code.ts";

describe("validator tables", () => {
  const rows = rowsOf(blsValidators(4));

  it("hold the sums, then key and big-endian weight of every row", () => {
    const table = encodeTable(rows);
    expect(table).to.have.length(5 * ROW_BYTES);
    expect(toHex(table.subarray(0, 96))).to.equal(toHex(aggregateKeys(rows.map(({ key }) => key))));
    expect(toHex(table.subarray(96, ROW_BYTES))).to.equal(`0x${(406).toString(16).padStart(32, "0")}`);
    expect(toHex(table.subarray(2 * ROW_BYTES, 2 * ROW_BYTES + 96))).to.equal(toHex(rows[1]?.key ?? new Uint8Array()));
    expect(table[3 * ROW_BYTES - 1]).to.equal(101);
  });

  it("are named by the hash of the code they are stored as", () => {
    const table = encodeTable(rows);
    expect(tableHash(table)).to.equal(keccak256(`0x00${toHex(table).slice(2)}`));
  });

  it("survive encoding and decoding", () => {
    const heavy = [{ ...rows[0], weight: MAX_ROW_WEIGHT } as (typeof rows)[0], ...rows.slice(1)];
    for (const list of [rows, heavy, rows.slice(0, 1), []]) expect(decodeTable(encodeTable(list))).to.deep.equal(list);
  });

  it("refuse what the contracts refuse", () => {
    const encodeWith = (change: object) => () => encodeTable([{ ...rows[0], ...change } as (typeof rows)[0]]);
    expect(errorCodeOf(encodeWith({ weight: 0n }))).to.equal("STAKING_TABLE_WEIGHT");
    expect(errorCodeOf(encodeWith({ weight: MAX_ROW_WEIGHT + 1n }))).to.equal("STAKING_TABLE_WEIGHT");
    expect(errorCodeOf(encodeWith({ key: new Uint8Array(96) }))).to.equal("CRYPTO_BLS_KEY_INVALID");
    const tooMany = Array.from({ length: 201 }, () => rows[0] as (typeof rows)[0]);
    expect(errorCodeOf(() => encodeTable(tooMany))).to.equal("STAKING_TABLE_LENGTH");

    const table = encodeTable(rows);
    for (const length of [0, 111, 113, table.length - 1]) {
      expect(errorCodeOf(() => decodeTable(table.slice(0, length)))).to.equal("STAKING_TABLE_LENGTH");
    }
    expect(errorCodeOf(() => decodeTable(table.slice(0, 4 * ROW_BYTES)))).to.equal("STAKING_TABLE_SUMS");
    for (const at of [95, 111, 2 * ROW_BYTES - 1]) {
      const changed = table.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(errorCodeOf(() => decodeTable(changed))).to.equal("STAKING_TABLE_SUMS");
    }
  });
});
