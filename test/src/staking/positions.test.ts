import { expect } from "chai";
import fc from "fast-check";

import { type Position, sharesWorth } from "../../../src/staking/positions.ts";

const INDEX_ONE = 10n ** 27n;

/** A position at an index, valued as the pool does. */
function position(shares: bigint, index: bigint): Position {
  return { operator: "", generation: 0n, isRetired: false, shares, valueWei: (shares * index) / INDEX_ONE };
}

describe("positions", () => {
  it("takes all shares for all of the value, and just the amount before any slash", () => {
    expect(sharesWorth(position(7n, INDEX_ONE), 7n)).to.equal(7n);
    expect(sharesWorth(position(10n ** 24n, INDEX_ONE), 123n)).to.equal(123n);
    expect(sharesWorth(position(10n, INDEX_ONE / 2n), 5n)).to.equal(10n);
    expect(sharesWorth(position(10n, 0n), 0n)).to.equal(0n);
  });

  it("never takes more shares than there are, nor pays more than was asked for", () => {
    const sizes = fc.record({
      shares: fc.bigInt(1n, 10n ** 30n),
      index: fc.bigInt(10n ** 18n, INDEX_ONE),
      part: fc.bigInt(1n, 10n ** 9n),
    });
    fc.assert(
      fc.property(sizes, ({ shares, index, part }) => {
        const held = position(shares, index);
        fc.pre(held.valueWei > 0n);
        const amountWei = (held.valueWei * part) / 10n ** 9n;
        const taken = sharesWorth(held, amountWei);
        expect(taken <= shares).to.equal(true);
        // The value was rounded down once, so shares are worth up to one unit more than it says.
        expect((taken * index) / INDEX_ONE <= amountWei + 1n).to.equal(true);
        if (amountWei > 0n) expect(taken > 0n).to.equal(true);
      }),
      { seed: 7 },
    );
  });
});
