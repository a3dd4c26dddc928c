import { expect } from "chai";

import { parseAddressBook } from "../../../src/chain/address-book.ts";
import { CONTRACT_NAMES } from "../../../src/chain/contract-names.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const FLOW = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

function book(flow: string): unknown {
  const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, flow]));
  return { chainId: 1, startBlock: 0, deployedAt: "2026-01-01", contracts };
}

describe("address book", () => {
  it("gives addresses with their checksum, since logs are compared letter by letter", () => {
    expect(parseAddressBook(book(FLOW.toLowerCase())).contracts.Flow).to.equal(FLOW);
    expect(parseAddressBook(book(FLOW)).contracts.Flow).to.equal(FLOW);
  });

  it("refuses an address with another checksum, or none at all", () => {
    for (const bad of [FLOW.replace("F", "f"), FLOW.slice(0, -2), "", "flow.eth"]) {
      expect(errorCodeOf(() => parseAddressBook(book(bad)))).to.equal("CHAIN_ADDRESS_BOOK_INVALID");
    }
  });
});
