import { expect } from "chai";

import { OPERATIONS } from "../../../src/compute/program.ts";
import { computedVector, readVectors } from "../../support/operation-vectors.ts";

describe("vectors of operations", () => {
  const vectors = readVectors();

  it("show every operation", () => {
    expect([...new Set(vectors.map(({ code }) => code))]).to.deep.equal(OPERATIONS.map((_, index) => index + 1));
    for (const { name, code } of vectors) expect(name).to.equal(OPERATIONS[code - 1]);
  });

  vectors.forEach((vector, index) => {
    it(`${index}: ${vector.name} gives the output of its vector`, () => {
      for (const faces of ["reference", "kernels"] as const) {
        expect(computedVector(vector, faces), faces).to.deep.equal(vector);
      }
    });
  });
});
