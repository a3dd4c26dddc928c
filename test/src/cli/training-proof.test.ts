import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { runCommand } from "../../support/command-line.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const SEED = `0x${"01".repeat(32)}`;

describe("a proven training run", function () {
  this.timeout(240_000);

  let folder: string;
  const at = (name: string): string => join(folder, name);
  const run = (...words: string[]) => runCommand([...words, "--cache-dir", at("cache")]);
  const prove = (...words: string[]) => run("circuits", "prove-training", "--out", at("iris"), ...words);
  const verify = () => run("circuits", "verify-training", at("iris"));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-training-"));
    await prove("--circuit", "training-4-3-3x2", "--seed", SEED);
  });
  after(() => rm(folder, { recursive: true }));

  it("is checked against the weights beside it", async () => {
    const { value } = await verify();
    expect(value).to.include({ circuit: "training-4-3-3x2", seed: SEED });
    const trained = await runCommand(["model", "eval", at("iris"), "--data", "iris"]);
    expect(trained.value["weightsRoot"]).to.equal(value["weightsRoot"]);
  });

  it("is refused with another seed, another proof, and no proof", async () => {
    const path = at("iris/training-proof.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(SEED, `0x${"02".repeat(32)}`));
    await expectGlassboxError(verify(), "check", "CLI_TRAINING_UNPROVEN");
    const { proof, ...rest } = JSON.parse(text) as { proof: string[] };
    await writeFile(path, JSON.stringify({ ...rest, proof: proof.toReversed() }));
    await expectGlassboxError(verify(), "check", "CLI_TRAINING_UNPROVEN");
    await writeFile(path, "{}");
    await expectGlassboxError(verify(), "check", "MODELS_PROOF_INVALID");
    await writeFile(path, text);
    await verify();
  });

  it("takes circuits of training alone", async () => {
    await expectGlassboxError(prove("--circuit", "mlp-16-8-4"), "usage", "CLI_CIRCUIT_UNKNOWN");
  });
});
