import { expect } from "chai";

import { parsePublicReceipt, publicReceiptToJson } from "../../../src/models/public-receipt.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const RECEIPT = {
  chainId: 31337n,
  jobRegistry: `0x${"0b".repeat(20)}`,
  operator: `0x${"0a".repeat(20)}`,
  programRoot: `0x${"01".repeat(32)}`,
  weightsRoot: `0x${"02".repeat(32)}`,
  query: Buffer.of(1, 2, 3),
  answer: 7,
  signature: `0x${"03".repeat(65)}`,
} as const;

describe("receipts of public answers", () => {
  it("are read as they were written", () => {
    expect(parsePublicReceipt(JSON.parse(JSON.stringify(publicReceiptToJson(RECEIPT))))).to.deep.equal(RECEIPT);
  });

  it("are refused in any other form", () => {
    const json = publicReceiptToJson(RECEIPT);
    const others = [
      {},
      { ...json, more: 1 },
      { ...json, chainId: 31337 },
      { ...json, answer: 2 ** 31 },
      { ...json, answer: 0.5 },
      { ...json, query: "?" },
      { ...json, query: Buffer.alloc(65_540).toString("base64") },
      { ...json, signature: "0x" },
    ];
    for (const value of others) {
      expect(
        errorCodeOf(() => parsePublicReceipt(value)),
        JSON.stringify(value).slice(0, 99),
      ).to.equal("MODELS_RECEIPT_INVALID");
    }
  });
});
