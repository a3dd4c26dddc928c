import { expect } from "chai";
import type { BaseContract } from "ethers";

import { LEAF_BYTES } from "../../../src/core/bytes.ts";
import { elementBytes, encodeTensor } from "../../../src/core/tensor.ts";
import { RECORD_BYTES, RECORD_OFFSETS } from "../../../src/core/record-layout.ts";
import { encodeCredits } from "../../../src/compute/allocation.ts";
import { cnn } from "../../../src/compute/networks/cnn.ts";
import { Detail } from "../../../src/compute/dispute/detail.ts";
import { operationsOf, stepsOf, type Execution } from "../../../src/compute/dispute/execution.ts";
import type { ElementPlace } from "../../../src/compute/dispute/operands.ts";
import { mlp } from "../../../src/compute/networks/mlp.ts";
import { joinSections, SectionBuilder } from "../../../src/compute/program-builder.ts";
import { programRegistration } from "../../../src/compute/program-registration.ts";
import { CHUNK_ELEMENTS, type OperationName, type Program } from "../../../src/compute/program.ts";
import { initialWeights, runPart, type TrainingData } from "../../../src/compute/training.ts";
import { validateProgram } from "../../../src/compute/validate.ts";
import { startCallChain, type CallChain } from "../../support/call-chain.ts";
import { Dice } from "../../support/dice.ts";
import { JudgedExecution, type JudgeArguments } from "../../support/judged-execution.ts";
import { smallJob } from "../../support/small-training.ts";

const SEED = 7n;
const ELEMENTS_PER_OPERATION = 8;
/** Gas of the longest rows that there are; the last step of a game over the perceptron's has to take at most 250,000 with everything. */
const MAX_GAS = 110_000;
const MAX_PERCEPTRON_GAS = 80_000;
const LAYER = { clamp: 10_741, initMultiplier: 40_000, shift: 12, gradientShift: 12, updateShift: 6 };

/** Honest executions, element by element: everything shown leads to its root, and every element is what it must be. */
describe("OneStepVerifier", function () {
  this.timeout(240_000);

  let chain: CallChain;
  let registry: BaseContract;
  let verifier: BaseContract;
  let meter: BaseContract;
  const registered = new Set<Program>();

  before(async () => {
    chain = await startCallChain();
    registry = await chain.deploy("compute/ProgramRegistry");
    verifier = await chain.deploy("compute/OneStepVerifier", await registry.getAddress());
    meter = await chain.deploy("mocks/GasMeterMock");
  });

  after(() => chain.stop());

  async function author(execution: Execution): Promise<JudgedExecution> {
    const { program } = execution;
    if (!registered.has(program)) {
      registered.add(program);
      const { head, constantRoots } = programRegistration(program);
      const transaction = await registry.getFunction("register").send(head, constantRoots);
      await transaction.wait();
    }
    return new JudgedExecution(await Detail.compute(execution));
  }

  async function judge(args: JudgeArguments): Promise<readonly [bigint, bigint]> {
    return (await verifier.getFunction("judge").staticCall(...args)) as readonly [bigint, bigint];
  }

  /** Judges elements of everything that an execution writes in its last step. */
  async function judgeAll(execution: Execution): Promise<Set<OperationName>> {
    const dice = new Dice(SEED);
    const judged = await author(execution);
    const { program, section } = execution;
    const operations = operationsOf(program, section);
    for (const [operation, { name, output }] of operations.entries()) {
      const size = elementBytes(program.tensors[output]!.type);
      for (let i = 0; i < ELEMENTS_PER_OPERATION; i++) {
        const at = Math.floor(dice.number(judged.fileBytes(operation)) / size) * size;
        const [leaf, element] = [Math.floor(at / LEAF_BYTES), (at % LEAF_BYTES) / size];
        const place = { step: stepsOf(execution) - 1, operation, leaf, element };
        const [actual, expected] = await judge(await judged.arguments(place));
        expect(expected, `${section}, ${name}, operation ${operation}, byte ${at}`).to.equal(actual);
      }
    }
    return new Set(operations.map(({ name }) => name));
  }

  /** Gas of a judgement, without its calldata's. */
  async function gasOf(execution: Execution, place: ElementPlace): Promise<number> {
    const judged = await author(execution);
    const call = verifier.interface.encodeFunctionData("judge", await judged.arguments(place));
    return Number(await meter.getFunction("measure").staticCall(await verifier.getAddress(), call));
  }

  const small = smallJob();
  const training = { program: small.program, seed: small.seed, position: 36 };

  it("confirms the start of a perceptron", () => judgeAll({ ...training, section: "init" }));

  it("confirms a step of a perceptron", async () => {
    const weights = initialWeights(small.program, small.seed);
    await judgeAll({ ...training, section: "step", data: small.data, weights });
  });

  it("confirms an average", async () => {
    const weights = initialWeights(small.program, small.seed);
    const ends = [0, 1, 2].map((part) => runPart(small, weights, 0, part));
    await judgeAll({ ...training, section: "average", ends });
  });

  it("confirms an answer", async () => {
    const weights = initialWeights(small.program, small.seed);
    const query = encodeTensor(
      { type: "u8", rows: 1, columns: 12 },
      Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
    );
    await judgeAll({ ...training, section: "infer", weights, query });
  });

  it("confirms an allocation of several chunks", async () => {
    const execution = { ...training, section: "allocate", allocation: shares(1_500, 1_100) } as const;
    await judgeAll(execution);
    const operation = operationsOf(execution.program, "allocate").findIndex(({ name }) => name === "sum");
    expect(await gasOf(execution, { step: 0, operation, leaf: 0, element: 0 })).to.be.below(MAX_GAS);
  });

  it("judges the longest product of the perceptron for digits with its gas", async () => {
    const options = { parts: 1, batch: 128, stepsPerPart: 64, layers: [LAYER, LAYER] };
    const program = mlp([784, 128, 10], options);
    const operation = operationsOf(program, "step").findIndex(({ name }) => name === "matmul");
    const gas = await gasOf(step(program, 300, 784), { step: 1, operation, leaf: 0, element: 3 });
    expect(gas).to.be.below(MAX_PERCEPTRON_GAS);
  });

  it("judges a product of 1,024 elements of 16 bits with its gas", async () => {
    const execution = longestProduct();
    await judgeAll(execution);
    expect(await gasOf(execution, { step: 0, operation: 0, leaf: 0, element: 7 })).to.be.below(MAX_GAS);
  });

  it("confirms a step of a convolutional network", async () => {
    const convolution = {
      ...LAYER,
      kernel: 3,
      filters: 3,
      pool: 2,
      gradientClamp: 5_000,
      chunkShift: 6,
      passing: { shift: 4, clamp: 500 },
    };
    const program = cnn({
      ...{ parts: 1, batch: 5, stepsPerPart: 2, side: 10, classes: 4 },
      convolutions: [convolution, { ...convolution, filters: 5 }],
      dense: LAYER,
    });
    const execution = step(program, 23, 100);
    const names = await judgeAll(execution);
    const images = ["unfold", "fold", "rotate", "reshape", "maxPool", "poolGradient", "accumulate", "tail"] as const;
    expect(images.filter((name) => !names.has(name))).to.deep.equal([]);
  });
});

/** An inference that multiplies weights with weights. */
function longestProduct(): Execution {
  const bounds = [-1_000, 1_000] as const;
  const spec = { type: "i16", rows: 8, columns: CHUNK_ELEMENTS, bounds } as const;
  const init = new SectionBuilder("init");
  const infer = new SectionBuilder("infer");
  const [a, b] = [0, 1].map((slot) => {
    const parameters = { multiplier: 20_000, shift: 12, arguments: [slot, 0] } as const;
    init.operation("init", [], { ...spec, output: slot }, parameters);
    return infer.tensor({ ...spec, role: "weights", index: slot });
  });
  const product = infer.matmul(a!, b!);
  infer.operation("argmax", [product], { type: "i32", rows: 8, columns: 1, bounds: [0, 7], output: 0 });
  const program = joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [init, infer]);
  validateProgram(program);
  const seed = new Uint8Array(32).fill(9);
  return { program, section: "infer", seed, position: 0, weights: initialWeights(program, seed) };
}

/** What shares are computed from, with people drawn at random. */
function shares(samples: number, accounts: number): NonNullable<Execution["allocation"]> {
  const dice = new Dice(SEED);
  const records = new Uint8Array(samples * RECORD_BYTES);
  const view = new DataView(records.buffer);
  for (let i = 0; i < samples; i++) {
    view.setInt32(i * RECORD_BYTES + RECORD_OFFSETS.contributor, dice.number(accounts), true);
    view.setInt32(i * RECORD_BYTES + RECORD_OFFSETS.labeller, dice.number(9), true);
  }
  const credits = encodeCredits(Array.from({ length: 9 }, () => dice.number(accounts)));
  const terms = BigInt64Array.from([10n ** 12n, 4_000n, 2_000n, 3_000n, 1_000n, BigInt(samples), 9n, 9n]);
  return { records, credits, terms, accounts };
}

/** A step on samples without a zero byte. */
function step(program: Program, count: number, columns: number): Execution {
  const seed = new Uint8Array(32).fill(3);
  const samples = Uint8Array.from({ length: count * columns }, (_, i) => 1 + ((Math.imul(i, 0x9e3779b1) >>> 8) % 255));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 11);
  const data: TrainingData = {
    samples: encodeTensor({ type: "u8", rows: count, columns }, samples),
    labels: encodeTensor({ type: "u8", rows: count, columns: 1 }, labels),
    count,
  };
  return { program, section: "step", seed, position: 0, data, weights: initialWeights(program, seed) };
}
