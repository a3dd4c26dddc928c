import { expect } from "chai";
import type { Signer } from "ethers";
import { network } from "hardhat";

import type { ProgramRegistry } from "../../../generated/typechain/index.js";
import { eventOf } from "../../../src/chain/events.ts";
import { readChain } from "../../../src/chain/read.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { registerProgram } from "../../../src/cli/actions/register-program.ts";
import { LEAF_BYTES, toHex } from "../../../src/core/bytes.ts";
import { cnn } from "../../../src/compute/networks/cnn.ts";
import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { DEFAULT_TRAINING, mlp } from "../../../src/compute/networks/mlp.ts";
import { encodeProgram, headBytes, programRoot } from "../../../src/compute/program-file.ts";
import { joinSections, SectionBuilder } from "../../../src/compute/program-builder.ts";
import { programRegistration } from "../../../src/compute/program-registration.ts";
import { SECTIONS, type Program } from "../../../src/compute/program.ts";
import { IRIS_TRAINING, softmaxRegression } from "../../../src/compute/networks/softmax-regression.ts";
import { validateProgram } from "../../../src/compute/validate.ts";
import { readLande } from "../../../src/models/lande.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { answeringProgram, constantsProgram, initOf } from "../../support/rule-programs.ts";
import { smallProgram } from "../../support/small-training.ts";

/** What a transaction may take. */
const GAS_CAP = 16_777_216n;
const UNKNOWN = `0x${"77".repeat(32)}`;

describe("the registry of programs", function () {
  this.timeout(120_000);

  let registry: ProgramRegistry;
  let sender: TxSender;

  beforeEach(async () => {
    const { ethers } = await network.create();
    registry = await ethers.deployContract("ProgramRegistry");
    const [signer] = await ethers.getSigners();
    sender = await TxSender.create(signer as unknown as Signer);
  });

  /** Registers a program. @returns the gas it takes */
  async function register(program: Program): Promise<bigint> {
    const { head, constantRoots } = programRegistration(program);
    const receipt = await sender.send(registry.register.populateTransaction(head, [...constantRoots]));
    const event = eventOf(receipt, registry, "ProgramRegistered");
    const [code, fileLeaves] = await registry.programOf(programRoot(program));
    expect(event).to.deep.equal({ programRoot: programRoot(program), code, fileLeaves });
    expect(Number(fileLeaves) * LEAF_BYTES).to.equal(encodeProgram(program).length);
    expect(await sender.signer.provider?.getCode(code)).to.equal(`0x00${toHex(head).slice(2)}`);
    return receipt.gasUsed;
  }

  it("takes what is built here, and keeps its head as code", async () => {
    const layer = { clamp: 20_000, initMultiplier: 30_000, shift: 12, gradientShift: 9, updateShift: 3 };
    const programs = [
      mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING),
      ...[1, 2, 4, 12].map((parts) => smallProgram({ parts })),
      softmaxRegression([5, 3], IRIS_TRAINING),
      denseNetwork((await readLande()).network),
      cnn({
        parts: 2,
        batch: 5,
        stepsPerPart: 1,
        side: 10,
        classes: 4,
        convolutions: [3, 5].map((filters) => ({
          ...layer,
          kernel: 3,
          filters,
          pool: 2,
          gradientClamp: 5_000,
          chunkShift: 6,
          passing: { shift: 4, clamp: 500 },
        })),
        dense: { clamp: 13_000, initMultiplier: 10_000, shift: 11, gradientShift: 12, updateShift: 8 },
      }),
      constantsProgram(),
    ];
    for (const program of programs) await register(program);
  });

  it("takes the digits network for 2 million gas, and the longest head within a transaction", async () => {
    expect(await register(mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING))).to.be.lessThan(2_000_000n);
    expect(await register(longestProgram())).to.be.lessThan((GAS_CAP * 4n) / 5n);
  });

  it("takes a program once", async () => {
    const program = answeringProgram();
    await registerProgram({ ProgramRegistry: registry }, sender, program);
    const stored = await registry.programOf(programRoot(program));
    await registerProgram({ ProgramRegistry: registry }, sender, program);
    const { head, constantRoots } = programRegistration(program);
    const again = sender.send(registry.register.populateTransaction(head, [...constantRoots]));
    await expectRefusal(again, "ProgramRegistryKnown", programRoot(program));
    expect(await registry.programOf(programRoot(program))).to.deep.equal(stored);
  });

  it("goes on if somebody else was faster", async () => {
    const program = answeringProgram();
    await register(program);
    const blind = {
      ProgramRegistry: {
        isRegistered: () => Promise.resolve(false),
        register: registry.register,
      } as unknown as ProgramRegistry,
    };
    await registerProgram(blind, sender, program);
  });

  it("knows nothing of what it refused", async () => {
    const program = { ...answeringProgram(), batch: 7 };
    const refused = registerProgram({ ProgramRegistry: registry }, sender, program);
    await expectRefusal(refused, "ProgramUntrained", "1", "7", "1");
    for (const root of [programRoot(program), UNKNOWN]) {
      expect(await registry.isRegistered(root)).to.equal(false);
      await expectRefusal(readChain(registry.programOf(root)), "ProgramRegistryUnknown", root);
    }
  });
});

async function expectRefusal(call: Promise<unknown>, error: string, ...values: readonly string[]): Promise<void> {
  const { details } = await expectGlassboxError(call, "revert", "CHAIN_REVERTED");
  expect(details).to.deep.equal({ error, arguments: values });
}

/** A head of 95 leaves, of operations that take long to check. */
function longestProgram(): Program {
  const weights = { type: "i16", rows: 16, columns: 1, bounds: [-70, 70] } as const;
  const sections = (["init", "step", "average"] as const).map((name) =>
    name === "init" ? initOf(weights) : new SectionBuilder(name),
  );
  const windows = { type: "i16", rows: 16, columns: 9, bounds: [-70, 70] } as const;
  const parameters = { arguments: [0x40004, 0x30101] } as const;
  for (const section of sections) {
    const { section: name } = section;
    const given =
      section.operations[0]?.output ??
      section.tensor({ ...weights, role: name === "step" ? "weights" : "partWeights" });
    if (name !== "init") section.operation("update", [given, given], { ...weights, output: 0 }, { shift: 1 });
    const count = name === "average" ? 120 : 127;
    while (section.operations.length < count) section.operation("unfold", [given], windows, parameters);
  }
  const program = joinSections({ parts: 2, batch: 1, stepsPerPart: 1 }, sections);
  validateProgram(program);
  expect(headBytes(program.tensors.length, program.operations.length)).to.equal(95 * LEAF_BYTES);
  expect(program.operations.filter(({ section }) => section === SECTIONS[1]).length).to.equal(127);
  return program;
}
