import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildBn128 } from "ffjavascript";
import { expect } from "chai";
import { powersOfTau } from "snarkjs";

import { compileCircuit } from "../../../src/proofs/compile-circuit.ts";
import { circuitSources } from "../../../src/proofs/circuit-library.ts";
import { ProofProcess } from "../../../src/proofs/proof-process.ts";
import { COMPILED } from "../../../src/proofs/toolchain.ts";
import { isDevelopmentKey } from "../../../src/proofs/verifying-key.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { writeSources } from "../../support/proofs/circuit.ts";

const main = (count: number): string =>
  `pragma circom 2.2.0;\ninclude "ArgMax.circom";\ncomponent main = ArgMax(${count}, 8);`;

describe("ceremony", function () {
  this.timeout(180_000);

  const prover = new ProofProcess();
  let directory: string;
  const path = (name: string): string => join(directory, name);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "glassbox-ceremony-"));
    for (const [folder, count] of [
      ["circuit", 4],
      ["other", 5],
      ["large", 40],
    ] as const) {
      await writeSources(path(folder), circuitSources(main(count)));
      await compileCircuit(path(folder), "O1");
    }
    const curve = await buildBn128();
    await powersOfTau.newAccumulator(curve, 7, path("0.ptau"));
    await powersOfTau.contribute(path("0.ptau"), path("1.ptau"), "test", "entropy of a test");
    await powersOfTau.preparePhase2(path("1.ptau"), path("final.ptau"));
    await curve.terminate();
  });

  after(async () => {
    prover.close();
    await rm(directory, { recursive: true, force: true });
  });

  const paths = (
    zkey: string,
    folder = "circuit",
    ptau = "final.ptau",
  ): { r1csPath: string; ptauPath: string; zkeyPath: string } => ({
    r1csPath: path(join(folder, COMPILED.r1cs)),
    ptauPath: path(ptau),
    zkeyPath: path(zkey),
  });

  it("makes a key by contributions and a beacon, which proves and is not a development key", async () => {
    await prover.call("beginCeremony", [paths("0.zkey")]);
    expect(isDevelopmentKey(await prover.call("readVerifyingKey", [path("0.zkey")]))).to.equal(true);

    await expectGlassboxError(prover.call("verifyCeremony", [paths("0.zkey")]), "check", "PROOFS_CEREMONY_INVALID");

    await prover.call("contribute", [path("0.zkey"), path("1.zkey"), "first", "entropy of the first"]);
    await prover.call("contribute", [path("1.zkey"), path("2.zkey"), "second", "entropy of the second"]);
    await prover.call("applyBeacon", [path("2.zkey"), path("final.zkey"), "0102030405060708", 10]);
    await prover.call("verifyCeremony", [paths("final.zkey")]);

    const key = await prover.call("readVerifyingKey", [path("final.zkey")]);
    expect(isDevelopmentKey(key)).to.equal(false);
    const wasm = path(join("circuit", COMPILED.wasm));
    const { proof, publicInputs } = await prover.call("prove", [wasm, path("final.zkey"), { in: [3n, 9n, 9n, 1n] }]);
    expect(publicInputs).to.deep.equal([1n]);
    expect(await prover.call("verify", [key, proof, publicInputs])).to.equal(true);
    expect(await prover.call("verify", [key, proof, [2n]])).to.equal(false);
  });

  it("refuses the key of another circuit", async () => {
    const verifying = prover.call("verifyCeremony", [paths("final.zkey", "other")]);
    await expectGlassboxError(verifying, "check", "PROOFS_CEREMONY_INVALID");
  });

  it("refuses a development key in place of a ceremony's", async () => {
    await prover.call("writeDevelopmentKey", [paths("").r1csPath, path("development.zkey")]);
    const verifying = prover.call("verifyCeremony", [paths("development.zkey")]);
    await expectGlassboxError(verifying, "check", "PROOFS_CEREMONY_INVALID");
  });

  it("refuses powers of tau that are too few or not prepared", async () => {
    for (const unfit of [paths("x.zkey", "large"), paths("x.zkey", "circuit", "1.ptau")]) {
      await expectGlassboxError(prover.call("beginCeremony", [unfit]), "check", "PROOFS_POWERS_OF_TAU_UNFIT");
    }
  });

  it("refuses a beacon that is too short, no hex, or hashed too seldom", async () => {
    for (const [hash, exponent] of [
      ["01020304050607", 10],
      ["not hex, but long", 10],
      ["0102030405060708", 9],
    ] as const) {
      const applying = prover.call("applyBeacon", [path("1.zkey"), path("x.zkey"), hash, exponent]);
      await expectGlassboxError(applying, "usage", "PROOFS_BEACON_INVALID");
    }
  });
});
