import { expect } from "chai";
import { keccak256 } from "ethers";

import { toHex } from "../../../src/core/bytes.ts";
import { parseReceipt, type Receipt, receiptToJson, requestsRoot } from "../../../src/models/receipt.ts";

const RECEIPT: Receipt = {
  voucher: {
    consumer: `0x${"11".repeat(20)}`,
    provider: `0x${"22".repeat(20)}`,
    versionId: 1n,
    priceVersion: 0,
    units: 3n,
    cumulativeFeeWei: 10n ** 20n,
    requestsRoot: `0x${"33".repeat(32)}`,
  },
  signature: new Uint8Array(65).fill(4),
  circuitId: `0x${"55".repeat(32)}`,
  inputHash: 2n ** 253n,
  answer: 7n,
  proof: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n],
};

describe("receipts", () => {
  it("survive JSON", () => {
    expect(parseReceipt(JSON.parse(JSON.stringify(receiptToJson(RECEIPT))))).to.deep.equal(RECEIPT);
  });

  it("pay for one input by the root of a list of one", () => {
    const leaf = new Uint8Array(256);
    leaf[31] = 9;
    expect(requestsRoot(9n)).to.equal(keccak256(toHex(leaf)));
    expect(() => requestsRoot(-1n))
      .to.throw()
      .with.property("code", "MODELS_INPUT_HASH_INVALID");
    expect(() => requestsRoot(1n << 256n))
      .to.throw()
      .with.property("code", "MODELS_INPUT_HASH_INVALID");
  });

  const json = receiptToJson(RECEIPT);
  const invalid: [string, unknown][] = [
    ["nothing", undefined],
    ["a list", []],
    ["a missing member", { ...json, proof: undefined }],
    ["a surplus member", { ...json, extra: 1 }],
    ["a short proof", { ...json, proof: json.proof.slice(1) }],
    ["a number that is no decimal", { ...json, answer: "0x7" }],
    ["a number beyond 256 bits", { ...json, answer: (1n << 256n).toString() }],
    ["a negative number", { ...json, answer: "-1" }],
    ["units beyond 64 bits", { ...json, voucher: { ...json.voucher, units: (1n << 64n).toString() } }],
    ["a short address", { ...json, voucher: { ...json.voucher, consumer: "0x11" } }],
    ["a signature with half a byte", { ...json, signature: "0x123" }],
  ];
  for (const [name, value] of invalid) {
    it(`are refused with ${name}`, () => {
      expect(() => parseReceipt(value))
        .to.throw()
        .with.property("code", "MODELS_RECEIPT_INVALID");
    });
  }
});
