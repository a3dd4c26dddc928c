import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { trainingWitness } from "../../../src/compute/training-proof-job.ts";
import type { CircuitKey } from "../../../src/proofs/circuit-key.ts";
import { closeProver, verifyProof } from "../../../src/proofs/prover.ts";
import { buildTrainingKey, proveTraining, type TrainingProof } from "../../../src/proofs/training-proof.ts";
import { isDevelopmentKey } from "../../../src/proofs/verifying-key.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { irisJob, SMALL_TRAINING, trainedBy } from "../../support/proofs/small-training.ts";

describe("training proofs", function () {
  this.timeout(240_000);

  const job = irisJob(SMALL_TRAINING, 1);
  let cacheDir: string;
  let key: CircuitKey;
  let proven: TrainingProof;

  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "glassbox-training-"));
    key = await buildTrainingKey(SMALL_TRAINING, { cacheDir });
    proven = await proveTraining(SMALL_TRAINING, key.artefacts, trainingWitness(job));
  });

  after(async () => {
    closeProver();
    await rm(cacheDir, { recursive: true, force: true });
  });

  const verify = (change: Partial<Pick<TrainingProof, "publicInputs">> & { proof?: readonly bigint[] }) =>
    verifyProof({ verifyingKey: key.verifyingKey, ...proven, ...change });

  it("say what the program does", async () => {
    expect(proven.publicInputs).to.deep.equal(trainedBy(job).publicSignals);
    expect([proven.initialRoot, proven.dataHash, proven.finalRoot]).to.deep.equal(proven.publicInputs);
    expect(await verify({})).to.equal(true);
  });

  it("say nothing about other starts, data or ends", async () => {
    for (const i of [0, 1, 2]) {
      const publicInputs = proven.publicInputs.with(i, proven.publicInputs[i]! ^ 1n);
      expect(await verify({ publicInputs }), `input ${i}`).to.equal(false);
    }
    expect(await verify({ proof: proven.proof.with(0, proven.proof[0] ^ 1n) })).to.equal(false);
  });

  it("need one key for all data, found in the cache", async () => {
    expect(key.cached).to.equal(false);
    expect(isDevelopmentKey(key.verifyingKey)).to.equal(true);
    const again = await buildTrainingKey(SMALL_TRAINING, { cacheDir });
    expect(again).to.deep.equal({ ...key, cached: true });
    const other = irisJob(SMALL_TRAINING, 2);
    const { publicInputs, proof } = await proveTraining(SMALL_TRAINING, key.artefacts, trainingWitness(other));
    expect(publicInputs).to.deep.equal(trainedBy(other).publicSignals);
    expect(await verify({ publicInputs, proof })).to.equal(true);
  });

  it("are refused for inputs of other lengths, labels that are no class, and shapes without a circuit", async () => {
    const witness = trainingWitness(job);
    const prove = (change: Partial<typeof witness>): Promise<unknown> =>
      proveTraining(SMALL_TRAINING, key.artefacts, { ...witness, ...change });
    await expectGlassboxError(prove({ samples: new Uint8Array(23) }), "usage", "PROOFS_INPUT_LENGTH");
    await expectGlassboxError(prove({ labels: new Uint8Array(7) }), "usage", "PROOFS_INPUT_LENGTH");
    await expectGlassboxError(prove({ initial: new Int8Array(14) }), "usage", "PROOFS_INPUT_LENGTH");
    await expectGlassboxError(prove({ labels: new Uint8Array(6).fill(3) }), "usage", "PROOFS_WITNESS_INVALID");
    const unknown = Promise.resolve().then(() => buildTrainingKey({ ...SMALL_TRAINING, steps: 9 }, { cacheDir }));
    await expectGlassboxError(unknown, "usage", "PROOFS_CIRCUIT_UNKNOWN");
  });

  describe("test/support/vectors/SmallTrainingProof.sol", () => {
    const words = new Map<string, bigint[]>();

    before(async () => {
      const source = await readFile(new URL("../../support/vectors/SmallTrainingProof.sol", import.meta.url), "utf8");
      for (const [, name = "", body = ""] of source.matchAll(/bytes internal constant (\w+) =([^;]*);/g)) {
        const found = body.matchAll(/hex"([0-9a-f]{64})"/g);
        words.set(
          name,
          Array.from(found, ([, digits = ""]) => BigInt(`0x${digits}`)),
        );
      }
    });

    it("holds the key that the set-up gives", () => {
      const { alpha1, beta2, gamma2, delta2, ic } = key.verifyingKey;
      expect(words.get("KEY")).to.deep.equal([alpha1, beta2, gamma2, delta2, ...ic].flat());
    });

    it("holds a proof of the program's run", async () => {
      const publicInputs = words.get("INPUTS") as bigint[];
      expect(publicInputs).to.deep.equal(trainedBy(job).publicSignals);
      expect(await verify({ publicInputs, proof: words.get("PROOF") as bigint[] })).to.equal(true);
      const file = words.get("WEIGHTS")?.map((word) => word.toString(16).padStart(64, "0"));
      expect(file?.join("")).to.equal(Buffer.from(trainedBy(job).end).toString("hex"));
    });
  });
});
