import { expect } from "chai";

import { landeQuery, QUERY_SCALES } from "../../../src/models/lande-query.ts";

const NGRAMS = [[" ", "a", "z"], ["an", "a "], ["ban"], ["bana"]];

describe("lande's input", () => {
  it("is each n-gram's share among those of its length, of letters in lower case between spaces", () => {
    const [one, two, three, four] = QUERY_SCALES;
    // " banana " has 8 code units, 7 pairs, 6 triples, 5 fours.
    const shares = [(2 * one) / 8, (3 * one) / 8, 0, (2 * two) / 7, two / 7, three / 6, four / 5];
    const expected = shares.map((share) => Math.min(255, Math.round(share)));
    expect([...landeQuery(NGRAMS, "banana")]).to.deep.equal(expected);
    expect([...landeQuery(NGRAMS, "  BAN4A!NA--")]).to.deep.equal(expected);
  });

  it("is zero where a text is shorter than the n-gram", () => {
    expect([...landeQuery(NGRAMS, "")]).to.deep.equal([255, 0, 0, 0, 0, 0, 0]);
  });
});
