import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { createInference } from "../../../src/compute/inference.ts";
import { mlp } from "../../../src/compute/networks/mlp.ts";
import { inferenceNetwork } from "../../../src/compute/inference-network.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { circuitId } from "../../../src/proofs/circuit-library.ts";
import { buildCommittedKey } from "../../../src/proofs/committed-inference.ts";
import { buildInferenceKey, type InferenceKey } from "../../../src/proofs/inference-key.ts";
import { proveInference } from "../../../src/proofs/inference-proof.ts";
import { poseidonTwin } from "../../../src/proofs/poseidon-twin.ts";
import { closeProver } from "../../../src/proofs/prover.ts";
import { encodeVerifyingKey } from "../../../src/proofs/verifying-key.ts";
import { decodeVerifyingKey, snarkProofChecker } from "../../../src/verifier/snark-proof-checker.ts";
import { PROGRAM } from "../../support/model-world.ts";
import { programOf } from "../../support/proofs/mlp-files.ts";
import { COMMITTED } from "../../support/proofs/random-mlp.ts";
import { SHARED_CACHE } from "../../support/proofs/shared-cache.ts";
import { SMALL_TRAINING } from "../../support/proofs/small-training.ts";
import { flipped } from "../../support/small-dataset.ts";

const WEIGHTS = initialWeights(PROGRAM, new Uint8Array(32).fill(7));

describe("snarkProofChecker", () => {
  let cacheDir: string;
  let key: InferenceKey;
  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "glassbox-checker-"));
    key = await buildInferenceKey({ ...inferenceNetwork(PROGRAM, WEIGHTS), cacheDir });
  });
  after(async () => {
    closeProver();
    await rm(cacheDir, { recursive: true });
  });

  it("bakes the key that the model's owner registers", async () => {
    const baked = await snarkProofChecker(cacheDir).bakeKey(PROGRAM, WEIGHTS);
    expect(baked.circuitId).to.equal(key.circuitId);
    expect(Buffer.from(baked.encodedKey).equals(encodeVerifyingKey(key.verifyingKey))).to.equal(true);
  });

  it("accepts the proof of an answer, and of no other", async () => {
    const checker = snarkProofChecker(cacheDir);
    const encoded = encodeVerifyingKey(key.verifyingKey);
    const pixels = Uint8Array.from({ length: 16 }, (_, i) => (i * 37) % 256);
    const { proof, publicInputs, answer } = await proveInference({ artefacts: key.artefacts, pixels });
    expect(answer).to.equal(createInference(PROGRAM, WEIGHTS)(pixels).answer);
    expect(await checker.verify(encoded, proof, publicInputs)).to.equal(true);
    const [first = 0n, hash = 0n] = publicInputs;
    expect(await checker.verify(encoded, proof, [(first + 1n) % 4n, hash])).to.equal(false);
    expect(await checker.verify(encoded, proof, [first, hash + 1n])).to.equal(false);
    expect(await checker.verify(encoded, proof, [first])).to.equal(false);
  });
});

describe("snarkProofChecker of committed keys", function () {
  this.timeout(240_000);

  it("compiles the circuit of the program's inference, and computes the twin of its weights", async () => {
    const program = programOf(COMMITTED);
    const weights = initialWeights(program, new Uint8Array(32).fill(7));
    const key = await buildCommittedKey(COMMITTED, { cacheDir: SHARED_CACHE });
    const checked = await snarkProofChecker(SHARED_CACHE).committedKey(program, weights);
    expect(checked.circuitId).to.equal(circuitId("CommittedMlp", COMMITTED));
    expect(toHex(checked.encodedKey)).to.equal(toHex(encodeVerifyingKey(key.verifyingKey)));
    expect(checked.weightsTwin).to.equal(poseidonTwin(weights));
  });

  it("tells circuits of training from those of answers", () => {
    const checker = snarkProofChecker(SHARED_CACHE);
    expect(checker.isTraining(circuitId("SoftmaxTraining", SMALL_TRAINING))).to.equal(true);
    expect(checker.isTraining(circuitId("CommittedMlp", COMMITTED))).to.equal(false);
    expect(checker.isTraining(`0x${"11".repeat(32)}`)).to.equal(false);
  });
});

describe("inferenceNetwork", () => {
  it("reads sizes, shift and weights from the program and its file", () => {
    const { shapes, weights } = inferenceNetwork(PROGRAM, WEIGHTS);
    expect(shapes).to.deep.equal({ inputs: 16, hidden: 8, outputs: 4, shift: 12 });
    expect(weights.hidden.length).to.equal(128);
    expect(weights.outputs.length).to.equal(32);
    const view = new DataView(WEIGHTS.buffer, WEIGHTS.byteOffset);
    expect(weights.hidden[17]).to.equal(view.getInt16(2 * 17, true));
  });

  it("refuses a program that has no circuit", () => {
    const layer = { clamp: 1000, initMultiplier: 5732, shift: 12, gradientShift: 12, updateShift: 12 };
    const deep = mlp([16, 8, 8, 4], { parts: 1, batch: 4, stepsPerPart: 1, layers: [layer, layer, layer] });
    expect(() => inferenceNetwork(deep, initialWeights(deep, new Uint8Array(32))))
      .to.throw()
      .with.property("code", "COMPUTE_NO_CIRCUIT");
  });
});

describe("encoded verifying keys", () => {
  it("survive decoding", () => {
    const encoded = Uint8Array.from({ length: 32 * 20 }, (_, i) => i % 251);
    const key = decodeVerifyingKey(encoded);
    expect(key.ic.length).to.equal(3);
    expect(Buffer.from(encodeVerifyingKey(key)).equals(encoded)).to.equal(true);
    expect(Buffer.from(encodeVerifyingKey(decodeVerifyingKey(flipped(encoded, 5)))).equals(encoded)).to.equal(false);
  });

  it("have room for alpha, beta, gamma, delta and a point or more", () => {
    for (const words of [0, 13, 14, 17]) {
      expect(() => decodeVerifyingKey(new Uint8Array(32 * words)))
        .to.throw()
        .with.property("code", "VERIFIER_KEY_LENGTH");
    }
    expect(() => decodeVerifyingKey(new Uint8Array(32 * 16 + 1)))
      .to.throw()
      .with.property("code", "VERIFIER_KEY_LENGTH");
  });
});
