import { expect } from "chai";

import { toHex } from "../../../src/core/bytes.ts";
import { blsPublicKey } from "../../../src/crypto/bls.ts";
import { developmentKey } from "../../../src/crypto/development-keys.ts";
import { operatorBlsKey } from "../../../src/staking/bls-key.ts";

/** What number 0 is for the development account 0: another value would take operators' keys away from them. */
const FIRST = "0x4b8e0b3045d19db877e3b6ed1c2d7084aab7dce3738e552b8decd826588e3b8f";

describe("BLS key of an operator", () => {
  it("is the same for ever, and another one for each account and number", () => {
    const first = operatorBlsKey(developmentKey(31337, 0), 0);
    expect(toHex(first)).to.equal(FIRST);
    const keys = [0, 1].flatMap((account) =>
      [0, 1, 10, 2 ** 32 - 1].map((number) => toHex(operatorBlsKey(developmentKey(31337, account), number))),
    );
    expect(new Set(keys).size).to.equal(keys.length);
    expect(keys).not.to.include(toHex(developmentKey(31337, 0)));
    expect(blsPublicKey(first)).to.have.length(96);
  });
});
