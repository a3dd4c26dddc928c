import { id } from "ethers";
import { expect } from "chai";

import type { GlassboxError } from "../../../src/core/errors.ts";
import { circuitId } from "../../../src/proofs/circuit-library.ts";
import { ensureWeights, mlpMainSource } from "../../../src/proofs/mlp-circuit.ts";
import { MNIST, SMALL, randomWeights } from "../../support/proofs/random-mlp.ts";

describe("mlp-circuit", () => {
  it("names an architecture by the keccak256 of its template and parameters", () => {
    expect(circuitId("MlpInference", MNIST)).to.equal(id("MlpInference(784,32,10,17)"));
  });

  it("writes negative weights and row breaks as circom reads them", () => {
    const shapes = { inputs: 2, hidden: 1, outputs: 2, shift: 3 };
    const source = mlpMainSource({ hidden: Int16Array.of(-5, 7), outputs: Int16Array.of(1, -1) }, shapes);
    expect(source).to.include("MlpInference(2, 1, 2, 3,\n[[-5,7]],\n[[1],\n[-1]]);");
  });

  const code = (weights: Parameters<typeof ensureWeights>[0], shapes = SMALL): string | undefined => {
    try {
      ensureWeights(weights, shapes);
      return undefined;
    } catch (error) {
      return (error as GlassboxError).code;
    }
  };

  it("takes any weights that cannot leave 32 bits, up to the training program's clamp", () => {
    expect(code(randomWeights(SMALL, 1))).to.equal(undefined);
    const clamped = { hidden: new Int16Array(784 * 32).fill(-10_741), outputs: new Int16Array(320).fill(-32_768) };
    expect(code(clamped, MNIST)).to.equal(undefined);
  });

  it("refuses a row that could overflow", () => {
    const weights = randomWeights(MNIST, 1);
    weights.hidden.fill(10_742, 784, 2 * 784);
    expect(code(weights, MNIST)).to.equal("PROOFS_WEIGHTS_OVERFLOW");
  });

  it("refuses layers of another size", () => {
    const { hidden, outputs } = randomWeights(SMALL, 1);
    expect(code({ hidden: hidden.subarray(1), outputs })).to.equal("PROOFS_WEIGHTS_LENGTH");
    expect(code({ hidden, outputs: new Int16Array(33) })).to.equal("PROOFS_WEIGHTS_LENGTH");
  });
});
