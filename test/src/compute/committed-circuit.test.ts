import { expect } from "chai";

import { committedCircuit } from "../../../src/compute/committed-circuit.ts";
import { provableRegression } from "../../../src/compute/networks/provable-regression.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { PROGRAM } from "../../support/model-world.ts";
import { programOf } from "../../support/proofs/mlp-files.ts";
import { COMMITTED } from "../../support/proofs/random-mlp.ts";
import { SMALL_TRAINING } from "../../support/proofs/small-training.ts";

const SEED = new Uint8Array(32).fill(7);

describe("committedCircuit", () => {
  it("is of a program's training if there is such a circuit", () => {
    const program = provableRegression(SMALL_TRAINING);
    const instance = committedCircuit(program, initialWeights(program, SEED));
    expect(instance).to.deep.include({ template: "SoftmaxTraining", parameters: SMALL_TRAINING });
  });

  it("is of its inference otherwise", () => {
    const program = programOf(COMMITTED);
    const instance = committedCircuit(program, initialWeights(program, SEED));
    expect(instance).to.deep.include({ template: "CommittedMlp", parameters: COMMITTED });
  });

  it("does not exist for other sizes and other steps", () => {
    expect(() => committedCircuit(PROGRAM, initialWeights(PROGRAM, SEED)))
      .to.throw()
      .with.property("code", "PROOFS_CIRCUIT_UNKNOWN");
    const longer = provableRegression({ ...SMALL_TRAINING, steps: 3 });
    expect(() => committedCircuit(longer, initialWeights(longer, SEED)))
      .to.throw()
      .with.property("code", "COMPUTE_NO_CIRCUIT");
  });
});
