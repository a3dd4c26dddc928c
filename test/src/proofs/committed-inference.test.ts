import { expect } from "chai";

import type { CircuitKey } from "../../../src/proofs/circuit-key.ts";
import { buildCommittedKey, proveCommittedInference } from "../../../src/proofs/committed-inference.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import { closeProver, verifyProof } from "../../../src/proofs/prover.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { forward } from "../../support/proofs/forward.ts";
import { COMMITTED, randomPixels, randomWeights, twinOfWeights } from "../../support/proofs/random-mlp.ts";
import { SHARED_CACHE } from "../../support/proofs/shared-cache.ts";

describe("committed inference", function () {
  this.timeout(240_000);

  let key: CircuitKey;

  before(async () => {
    key = await buildCommittedKey(COMMITTED, { cacheDir: SHARED_CACHE });
  });

  after(closeProver);

  it("proves answers of different models under one key, bound to the weights' twin", async () => {
    const { artefacts, verifyingKey } = key;
    for (const seed of [1, 2]) {
      const weights = randomWeights(COMMITTED, seed);
      const pixels = randomPixels(COMMITTED, seed);
      const proven = await proveCommittedInference({ artefacts, shapes: COMMITTED, weights, pixels });
      const { answer, weightsRoot, publicInputs } = proven;
      expect(answer).to.equal(forward(weights, COMMITTED, pixels));
      expect(weightsRoot).to.equal(twinOfWeights(weights));
      expect(publicInputs).to.deep.equal([BigInt(answer), inputHash(pixels), weightsRoot]);
      expect(await verifyProof({ verifyingKey, ...proven })).to.equal(true);
      const others = publicInputs.with(2, twinOfWeights(randomWeights(COMMITTED, 3)));
      expect(await verifyProof({ verifyingKey, ...proven, publicInputs: others })).to.equal(false);
    }
  });

  it("refuses inputs and weights of another size, and architectures without a circuit", async () => {
    const given = {
      artefacts: key.artefacts,
      shapes: COMMITTED,
      weights: randomWeights(COMMITTED, 1),
      pixels: randomPixels(COMMITTED, 1),
    };
    const short = { ...given.weights, hidden: new Int16Array(39) };
    await expectGlassboxError(
      proveCommittedInference({ ...given, pixels: new Uint8Array(4) }),
      "usage",
      "PROOFS_INPUT_LENGTH",
    );
    await expectGlassboxError(proveCommittedInference({ ...given, weights: short }), "usage", "PROOFS_WEIGHTS_LENGTH");
    const unknown = Promise.resolve().then(() =>
      buildCommittedKey({ ...COMMITTED, hidden: 9 }, { cacheDir: SHARED_CACHE }),
    );
    await expectGlassboxError(unknown, "usage", "PROOFS_CIRCUIT_UNKNOWN");
  });
});
