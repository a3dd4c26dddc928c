import { expect } from "chai";

import { FIELD_ORDER, inverse, inverses, power, reduce } from "../../../src/proofs/field.ts";
import { domainSize, lagrangeAt } from "../../../src/proofs/qap.ts";

/** 5 generates the multiplicative group of BN254's scalar field. */
const rootOfUnity = (size: number): bigint => power(5n, (FIELD_ORDER - 1n) / BigInt(size));

describe("field and qap", () => {
  it("inverts one element or many", () => {
    const values = [1n, 2n, FIELD_ORDER - 1n, 123_456_789n];
    expect(inverses(values)).to.deep.equal(values.map(inverse));
    for (const value of values) expect(reduce(value * inverse(value))).to.equal(1n);
  });

  it("reduces negative values", () => {
    expect(reduce(-1n)).to.equal(FIELD_ORDER - 1n);
    expect(reduce(-FIELD_ORDER)).to.equal(0n);
  });

  it("interpolates: a polynomial of low degree is the sum of its values times the Lagrange values", () => {
    const size = 8;
    const root = rootOfUnity(size);
    const tau = 987_654_321n;
    const polynomial = (x: bigint): bigint => reduce(3n + 5n * x + 7n * power(x, 7n));
    const values = lagrangeAt(tau, root, size).map((value, i) => value * polynomial(power(root, BigInt(i))));
    expect(reduce(values.reduce((sum, value) => sum + value))).to.equal(polynomial(tau));
  });

  it("sizes the domain for the constraints, the constant and the public signals", () => {
    expect(domainSize(5, 2)).to.equal(8);
    expect(domainSize(6, 2)).to.equal(16);
  });
});
