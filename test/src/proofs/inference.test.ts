import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import { buildBn128 } from "ffjavascript";
import { groth16 } from "snarkjs";

import { COORDINATE_MODULUS, FIELD_ORDER } from "../../../src/proofs/field.ts";
import { type InferenceKey, buildInferenceKey } from "../../../src/proofs/inference-key.ts";
import { type InferenceProof, proveInference } from "../../../src/proofs/inference-proof.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import { closeProver, verifyProof } from "../../../src/proofs/prover.ts";
import { isDevelopmentKey, toSnarkjsKey, toSnarkjsProof } from "../../../src/proofs/verifying-key.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { forward } from "../../support/proofs/forward.ts";
import { SMALL, randomPixels, randomWeights } from "../../support/proofs/random-mlp.ts";

describe("inference keys and proofs", function () {
  this.timeout(180_000);

  const weights = randomWeights(SMALL, 1);
  let cacheDir: string;
  let key: InferenceKey;

  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "glassbox-proofs-"));
    key = await buildInferenceKey({ weights, shapes: SMALL, cacheDir });
  });

  after(async () => {
    closeProver();
    await rm(cacheDir, { recursive: true, force: true });
  });

  describe("buildInferenceKey", () => {
    it("builds once and then reads the cache", async () => {
      expect(key.cached).to.equal(false);
      const stages: string[] = [];
      const onProgress = (stage: string): void => void stages.push(stage);
      const again = await buildInferenceKey({ weights, shapes: SMALL, cacheDir, onProgress });
      expect(again).to.deep.equal({ ...key, cached: true });
      expect(stages).to.deep.equal([]);
    });

    it("marks the development key as such", () => {
      expect(key.setup).to.equal("INSECURE-development");
      expect(isDevelopmentKey(key.verifyingKey)).to.equal(true);
    });

    it("writes the warning into the proving key", async () => {
      expect((await readFile(key.artefacts.zkeyPath)).includes("INSECURE development set-up")).to.equal(true);
    });

    it("rebuilds the same key when a cached file is damaged", async () => {
      await writeFile(key.artefacts.zkeyPath, "damaged");
      const stages: string[] = [];
      const onProgress = (stage: string): void => void stages.push(stage);
      const rebuilt = await buildInferenceKey({ weights, shapes: SMALL, cacheDir, onProgress });
      expect(rebuilt).to.deep.equal({ ...key, cached: false });
      expect(stages).to.deep.equal(["compile", "set-up", "export"]);
    });

    it("refuses an architecture without a circuit", async () => {
      const shapes = { ...SMALL, shift: 11 };
      await expectGlassboxError(buildInferenceKey({ weights, shapes, cacheDir }), "usage", "PROOFS_CIRCUIT_UNKNOWN");
    });

    it("stops when aborted, and leaves nothing behind", async () => {
      const before = await readdir(join(cacheDir, "circuits"));
      const abort = new AbortController();
      const onProgress = (stage: string): void => {
        // One turn later the compiler is at work in its process.
        if (stage === "compile")
          setImmediate(() => {
            abort.abort(new Error("enough"));
          });
      };
      const other = randomWeights(SMALL, 2);
      const building = buildInferenceKey({ weights: other, shapes: SMALL, cacheDir, signal: abort.signal, onProgress });
      const error: unknown = await building.catch((caught: unknown) => caught);
      expect(error).to.equal(abort.signal.reason);
      expect(await readdir(join(cacheDir, "circuits"))).to.deep.equal(before);
    });
  });

  describe("proveInference", () => {
    it("gives the plain network's answer and the input's hash", async () => {
      for (let seed = 1; seed <= 5; seed++) {
        const pixels = randomPixels(SMALL, seed);
        const {
          answer,
          inputHash: hash,
          publicInputs,
          proof,
        } = await proveInference({ artefacts: key.artefacts, pixels });
        expect(answer, `seed ${seed}`).to.equal(forward(weights, SMALL, pixels));
        expect(hash).to.equal(inputHash(pixels));
        expect(publicInputs).to.deep.equal([BigInt(answer), hash]);
        expect(await verifyProof({ verifyingKey: key.verifyingKey, proof, publicInputs })).to.equal(true);
      }
    });

    it("gives proofs that snarkjs verifies, no two alike", async () => {
      const pixels = randomPixels(SMALL, 6);
      const first = await proveInference({ artefacts: key.artefacts, pixels });
      const second = await proveInference({ artefacts: key.artefacts, pixels });
      expect(first.proof).to.not.deep.equal(second.proof);
      const curve = await buildBn128();
      for (const { proof, publicInputs } of [first, second]) {
        const signals = publicInputs.map(String);
        const verified = groth16.verify(toSnarkjsKey(key.verifyingKey), signals, toSnarkjsProof(proof));
        expect(await verified).to.equal(true);
      }
      await curve.terminate();
    });

    it("lets the caller's process end by itself", async () => {
      const module = new URL("../../../src/proofs/inference-proof.ts", import.meta.url).href;
      const script = [
        `import { proveInference } from ${JSON.stringify(module)};`,
        `const artefacts = ${JSON.stringify(key.artefacts)};`,
        `const { answer } = await proveInference({ artefacts, pixels: new Uint8Array(16) });`,
        `process.stdout.write(String(answer));`,
      ].join("\n");
      const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 });
      expect((await run).stdout).to.equal(String(forward(weights, SMALL, new Uint8Array(16))));
    });

    it("refuses an input of another length", async () => {
      const proving = proveInference({ artefacts: key.artefacts, pixels: new Uint8Array(15) });
      await expectGlassboxError(proving, "usage", "PROOFS_INPUT_LENGTH");
    });
  });

  describe("verifyProof", () => {
    let proven: InferenceProof;

    before(async () => {
      proven = await proveInference({ artefacts: key.artefacts, pixels: randomPixels(SMALL, 7) });
    });

    const verify = (
      change: Partial<Pick<InferenceProof, "publicInputs">> & { proof?: readonly bigint[] },
    ): Promise<boolean> => verifyProof({ verifyingKey: key.verifyingKey, ...proven, ...change });

    it("refuses another answer", async () => {
      expect(await verify({ publicInputs: [(BigInt(proven.answer) + 1n) % 4n, proven.inputHash] })).to.equal(false);
    });

    it("refuses another input", async () => {
      expect(await verify({ publicInputs: [BigInt(proven.answer), proven.inputHash + 1n] })).to.equal(false);
    });

    it("refuses public inputs that are equal only modulo the field", async () => {
      const [answer, hash] = proven.publicInputs as [bigint, bigint];
      expect(await verify({ publicInputs: [answer + FIELD_ORDER, hash] })).to.equal(false);
      expect(await verify({ publicInputs: [answer, hash + FIELD_ORDER] })).to.equal(false);
      expect(await verify({ publicInputs: [answer - FIELD_ORDER, hash] })).to.equal(false);
    });

    it("refuses another number of public inputs", async () => {
      expect(await verify({ publicInputs: proven.publicInputs.slice(1) })).to.equal(false);
      expect(await verify({ publicInputs: [...proven.publicInputs, 0n] })).to.equal(false);
    });

    it("refuses a proof with any word changed or not canonical", async () => {
      for (let i = 0; i < 8; i++) {
        expect(await verify({ proof: proven.proof.with(i, proven.proof[i]! ^ 1n) }), `word ${i}`).to.equal(false);
        expect(await verify({ proof: proven.proof.with(i, proven.proof[i]! + COORDINATE_MODULUS) })).to.equal(false);
      }
    });

    it("refuses a point of the twist outside the subgroup", async () => {
      // x = 1 and a root of x^3 + 3/(9+u): on the curve, and of another order than the subgroup's.
      const outside = [
        0n,
        1n,
        5912654199736721486680175016176231956195085055698687135131307249486702594212n,
        18278151005453108793778860132295291098363647455926340152056652516292830556603n,
      ];
      expect(await verify({ proof: [...proven.proof.slice(0, 2), ...outside, ...proven.proof.slice(6)] })).to.equal(
        false,
      );
    });

    it("refuses the key of other weights", async () => {
      const ic = key.verifyingKey.ic.toReversed();
      expect(await verifyProof({ ...proven, verifyingKey: { ...key.verifyingKey, ic } })).to.equal(false);
    });

    it("takes eight words only", async () => {
      await expectGlassboxError(verify({ proof: proven.proof.slice(1) }), "usage", "PROOFS_PROOF_LENGTH");
    });
  });

  describe("test/support/vectors/SmallMlpProof.sol", () => {
    const words = new Map<string, bigint[]>();

    before(async () => {
      const source = await readFile(new URL("../../support/vectors/SmallMlpProof.sol", import.meta.url), "utf8");
      for (const [, name, body] of source.matchAll(/bytes internal constant (\w+) =([^;]*);/g)) {
        const found = body!.matchAll(/hex"([0-9a-f]{64})"/g);
        words.set(
          name!,
          Array.from(found, ([, digits]) => BigInt(`0x${digits!}`)),
        );
      }
    });

    it("holds the key that the set-up gives", () => {
      const { alpha1, beta2, gamma2, delta2, ic } = key.verifyingKey;
      expect(words.get("KEY")).to.deep.equal([alpha1, beta2, gamma2, delta2, ...ic].flat());
    });

    it("holds a proof of the network's answer", async () => {
      const pixels = randomPixels(SMALL, 1);
      const publicInputs = words.get("INPUTS")!;
      expect(publicInputs).to.deep.equal([BigInt(forward(weights, SMALL, pixels)), inputHash(pixels)]);
      const proof = words.get("PROOF")!;
      expect(await verifyProof({ verifyingKey: key.verifyingKey, proof, publicInputs })).to.equal(true);
    });
  });
});
