import { expect } from "chai";
import lande from "lande";

import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { createInference } from "../../../src/compute/inference.ts";
import type { Program } from "../../../src/compute/program.ts";
import { decodeProgram, encodeProgram, programRoot } from "../../../src/compute/program-file.ts";
import { encodeWeights } from "../../../src/compute/weights.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { readLande, type Lande } from "../../../src/models/lande.ts";
import { declarationIn } from "../../support/declaration.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

/** Where the two differ, the float network's first two guesses are nearly equal. Measured: 2,973 of 2,978. */
const AGREED = 2_970;

describe("lande in integers", () => {
  let model: Lande;
  let program: Program;
  let weights: Uint8Array;

  before(async () => {
    model = await readLande();
    program = denseNetwork(model.network);
    weights = encodeWeights(program, model.weights);
  });

  it("has the roots of the specification's vectors", () => {
    expect({ program: programRoot(program), weights: fileRoot(weights) }).to.deep.equal(vectors.lande);
    expect(decodeProgram(encodeProgram(program))).to.deep.equal(program);
  });

  it("agrees with the float network on nearly all paragraphs in 50 languages, and is right as often", function () {
    this.timeout(60_000);
    const answer = createInference(program, weights);
    const counts = { all: 0, agreed: 0, right: 0, rightInFloats: 0 };
    for (const language of model.languages) {
      for (const text of declarationIn(language)) {
        const inIntegers = model.languages[answer(model.query(text)).answer];
        const inFloats = lande(text)[0]?.[0];
        counts.all++;
        counts.agreed += Number(inIntegers === inFloats);
        counts.right += Number(inIntegers === language);
        counts.rightInFloats += Number(inFloats === language);
      }
    }
    expect(counts.all).to.equal(2_978);
    expect(counts.agreed).to.be.at.least(AGREED);
    expect(counts.right).to.be.closeTo(counts.rightInFloats, counts.all - AGREED);
    expect(counts.right / counts.all).to.be.above(0.93);
  });

  it("answers for a text without a letter, and for one that is a single letter", () => {
    const answer = createInference(program, weights);
    for (const text of ["", " - 123 !", "x"]) {
      expect(model.languages[answer(model.query(text)).answer], text).to.equal(lande(text)[0]?.[0]);
    }
  });
});
