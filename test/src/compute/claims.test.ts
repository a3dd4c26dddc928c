import { expect } from "chai";

import { answerClaim } from "../../../src/compute/claims.ts";
import { openPublicModel } from "../../../src/compute/public-model.ts";
import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { encodeWeights } from "../../../src/compute/weights.ts";
import { readLande } from "../../../src/models/lande.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

describe("the claim of an answer", () => {
  it("is that of the specification's vector", async () => {
    const { text, answer, inputsRoot, outputsRoot } = vectors.landeAnswer;
    const { network, weights, query } = await readLande();
    const program = denseNetwork(network);
    const model = openPublicModel({ program: encodeProgram(program), weights: encodeWeights(program, weights) });
    const answered = model.answer(query(text));
    expect(answered.answer).to.equal(answer);
    expect(answerClaim(answered)).to.deep.equal({
      kind: 2,
      job: 0n,
      index: 0n,
      program: vectors.lande.program,
      inputsRoot,
      outputsRoot,
      traceRoot: `0x${"00".repeat(32)}`,
    });
  });
});
