import { expect } from "chai";
import { network } from "hardhat";

import { programRoot } from "../../../src/compute/program-file.ts";
import { programRegistration } from "../../../src/compute/program-registration.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import type { MlpShapes, MlpWeights } from "../../../src/proofs/mlp-circuit.ts";
import { forward } from "../../support/proofs/forward.ts";
import { programOf, weightsFileOf } from "../../support/proofs/mlp-files.ts";
import { COMMITTED, MNIST, random, randomPixels, randomWeights, SMALL } from "../../support/proofs/random-mlp.ts";

/** Around the hash's elements of 31 bytes and blocks of 465, and with either layer's weights first in the file. */
const SHAPES: readonly MlpShapes[] = [
  COMMITTED,
  SMALL,
  { inputs: 2, hidden: 1, outputs: 2, shift: 1 },
  { inputs: 31, hidden: 3, outputs: 200, shift: 9 },
  { inputs: 32, hidden: 17, outputs: 2, shift: 12 },
  { inputs: 465, hidden: 16, outputs: 3, shift: 14 },
  { inputs: 466, hidden: 2, outputs: 33, shift: 16 },
  { inputs: 1_024, hidden: 8, outputs: 10, shift: 18 },
];
const CASES = 12;

describe("the judge of answers", () => {
  async function deploy(shapes: MlpShapes) {
    const { ethers } = await network.create();
    const programs = await ethers.deployContract("ProgramRegistry");
    const judge = await ethers.deployContract("AnswerJudge");
    const program = programOf(shapes);
    const { head, constantRoots } = programRegistration(program);
    await programs.register(head, [...constantRoots]);
    const at = await programs.getAddress();
    const judged = (weights: Uint8Array, input: Uint8Array) =>
      judge.judge({ programs: at, programRoot: programRoot(program), weightsRoot: fileRoot(weights) }, weights, input);
    return { judge, judged, program };
  }

  for (const shapes of [...SHAPES, MNIST]) {
    const { inputs, hidden, outputs, shift } = shapes;
    it(`repeats the network of ${inputs}, ${hidden} and ${outputs}, and hashes its inputs`, async () => {
      const { judged } = await deploy(shapes);
      const seen = new Set<number>();
      for (let seed = 0; seed < (shapes === MNIST ? 3 : CASES); seed++) {
        const weights = seed % 3 === 0 ? extremeWeights(shapes, seed) : randomWeights(shapes, seed);
        const input = seed % 4 === 0 ? extremePixels(shapes, seed) : randomPixels(shapes, seed);
        const expected = forward(weights, shapes, input);
        seen.add(expected);
        const [answer, hash] = await judged(weightsFileOf(shapes, weights), input);
        expect({ answer, hash }).to.deep.equal({ answer: BigInt(expected), hash: inputHash(input) });
      }
      expect(seen.size, `shift ${shift} leaves answers apart`).to.be.above(1);
    });
  }

  it("gives the lowest of equals", async () => {
    const { judged } = await deploy(SMALL);
    const zeros: MlpWeights = { hidden: new Int16Array(128), outputs: new Int16Array(32) };
    const [answer] = await judged(weightsFileOf(SMALL, zeros), randomPixels(SMALL, 1));
    expect(answer).to.equal(0n);
    const equal: MlpWeights = { hidden: new Int16Array(128).fill(900), outputs: new Int16Array(32) };
    equal.outputs.fill(-5, 0, 8).fill(7, 8, 24).fill(6, 24);
    expect((await judged(weightsFileOf(SMALL, equal), randomPixels(SMALL, 1)))[0]).to.equal(1n);
  });

  it("refuses weights that are too many", async () => {
    const shapes = { inputs: 1_024, hidden: 256, outputs: 2, shift: 18 };
    const { judge, judged } = await deploy(shapes);
    await expect(judged(new Uint8Array(256), new Uint8Array(1_024)))
      .to.be.revertedWithCustomError(judge, "AnswerJudgeTooLarge")
      .withArgs(2_052, await judge.MAX_LEAVES());
  });
});

/** The least and the greatest values, mixed. */
function extremeWeights({ inputs, hidden, outputs }: MlpShapes, seed: number): MlpWeights {
  const next = random(seed + 1);
  const layer = (length: number): Int16Array => Int16Array.from({ length }, () => (next() < 0.5 ? -32_768 : 32_767));
  return { hidden: layer(hidden * inputs), outputs: layer(outputs * hidden) };
}

function extremePixels({ inputs }: MlpShapes, seed: number): Uint8Array {
  const next = random(seed + 2);
  return Uint8Array.from({ length: inputs }, () => (next() < 0.5 ? 0 : 255));
}
