import { expect } from "chai";
import { parseEther } from "ethers";
import fc from "fast-check";

import {
  formatShare,
  formatTokens,
  parseAddress,
  parseCount,
  parseId,
  parseShare,
  parseTokens,
  showBps,
  showPart,
  showTokens,
} from "../../../src/cli/amounts.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const WAD = 10n ** 18n;

describe("amounts", () => {
  it("reads tokens as base units", () => {
    expect(parseTokens("1")).to.equal(WAD);
    expect(parseTokens("12.5")).to.equal(12n * WAD + WAD / 2n);
    expect(parseTokens("0.000000000000000001")).to.equal(1n);
  });

  it("reads back what it shows", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 128n - 1n), (amountWei) => {
        expect(parseTokens(formatTokens(amountWei).replace(" tokens", ""))).to.equal(amountWei);
      }),
      { seed: 7 },
    );
    expect(formatTokens(10n * WAD)).to.equal("10 tokens");
    expect(formatTokens(0n)).to.equal("0 tokens");
  });

  it("refuses what is no amount", () => {
    const bad = [
      "",
      "0",
      "0.0",
      "-1",
      "1e3",
      "0x10",
      "ten",
      "1,5",
      "1.2.3",
      "0.0000000000000000001",
      "1".padEnd(60, "0"),
    ];
    for (const text of bad)
      expect(
        errorCodeOf(() => parseTokens(text)),
        text,
      ).to.equal("CLI_AMOUNT_INVALID");
  });

  it("reads shares above zero up to one", () => {
    expect(parseShare("0.5", "--magnitude")).to.equal(WAD / 2n);
    expect(parseShare("1", "--magnitude")).to.equal(WAD);
    expect(formatShare(WAD / 2n)).to.equal("50 %");
    expect(formatShare(WAD / 8n)).to.equal("12.5 %");
    for (const text of ["0", "0.0", "1.1", "2", "-0.5", "50%", "", "1.0000000000000000001"]) {
      expect(
        errorCodeOf(() => parseShare(text, "--magnitude")),
        text,
      ).to.equal("CLI_SHARE_INVALID");
    }
  });

  it("reads addresses with a right checksum, or in one case", () => {
    const address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    expect(parseAddress(address)).to.equal(address);
    expect(parseAddress(address.toLowerCase())).to.equal(address);
    for (const text of [address.replace("d17dc", "D17dc"), address.slice(0, -1), "", "vitalik.eth"]) {
      expect(
        errorCodeOf(() => parseAddress(text)),
        text,
      ).to.equal("CLI_ADDRESS_INVALID");
    }
  });

  it("reads whole numbers up to a limit", () => {
    expect(parseCount("0", "port", 10)).to.equal(0);
    expect(parseCount("10", "port", 10)).to.equal(10);
    expect(parseId("12", "version")).to.equal(12n);
    for (const text of ["11", "-1", "1.5", "1e1", "0x1", "", " 1", "ten"]) {
      expect(
        errorCodeOf(() => parseCount(text, "port", 10)),
        text,
      ).to.equal("CLI_NUMBER_INVALID");
    }
    expect(errorCodeOf(() => parseId("9007199254740993", "version"))).to.equal("CLI_NUMBER_INVALID");
  });

  it("shows people what they can read", () => {
    const tokens = [
      ["0", "0 tokens"],
      ["1", "1 tokens"],
      ["1234567.5", "1,234,567.5 tokens"],
      ["999.9999999", "999.999999 tokens"],
      ["0.000001", "0.000001 tokens"],
      ["0.000000000000000001", "less than 0.000001 tokens"],
      ["1.000000000000000001", "1 tokens"],
    ] as const;
    for (const [amount, shown] of tokens) expect(showTokens(parseEther(amount))).to.equal(shown);
    expect(showPart(1n, 3n)).to.equal("33.3333 %");
    expect(showPart(WAD, WAD)).to.equal("100 %");
    expect(showPart(0n, 0n)).to.equal("0 %");
    expect(showBps(500n)).to.equal("5 %");
  });
});
