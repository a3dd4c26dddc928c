import { expect } from "chai";

import { cnn } from "../../../src/compute/networks/cnn.ts";
import { DIGITS_CNN } from "../../../src/compute/networks/digits.ts";
import { DEFAULT_TRAINING, mlp } from "../../../src/compute/networks/mlp.ts";
import type { Program } from "../../../src/compute/program.ts";
import { ensureRunnable } from "../../../src/compute/workload.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallProgram } from "../../support/small-training.ts";

const NUMBERS = { samples: 37, credits: 6, accounts: 2 };

describe("workload", () => {
  const refusal = (program: Program, numbers = NUMBERS): string => errorCodeOf(() => ensureRunnable(program, numbers));

  it("takes the digits networks on all of MNIST, with room to spare", () => {
    const numbers = { samples: 60_000, credits: 1_000, accounts: 64 };
    for (const program of [mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING), cnn(DIGITS_CNN)]) {
      expect(ensureRunnable(program, numbers))
        .to.be.above(2 ** 24)
        .and.below(2 ** 34);
    }
  });

  it("counts all chunks of a long sum", () => {
    const work = (batch: number): number => ensureRunnable(cnn({ ...DIGITS_CNN, batch }), NUMBERS);
    expect(work(16) / work(8)).to.be.within(1.9, 2.1);
  });

  it("refuses steps that would take hours", () => {
    expect(refusal(smallProgram({ stepsPerPart: 2 ** 20 }))).to.equal("none");
    expect(refusal(mlp(DEFAULT_TRAINING.sizes, { ...DEFAULT_TRAINING, stepsPerPart: 2 ** 20 }))).to.equal(
      "COMPUTE_WORKLOAD_TOO_LARGE",
    );
  });

  it("refuses tensors that would take all memory, without making them", () => {
    const program = smallProgram();
    const index = program.tensors.findIndex(({ section, role }) => section === "infer" && role === "computed");
    const tensors = program.tensors.with(index, { ...program.tensors[index]!, rows: 2 ** 26, columns: 2 ** 10 });
    expect(refusal({ ...program, tensors })).to.equal("COMPUTE_WORKLOAD_TOO_LARGE");
  });

  it("refuses numbers that the program does not take before anything runs", () => {
    expect(refusal(smallProgram(), { ...NUMBERS, samples: 0 })).to.equal("COMPUTE_JOB_RANGE");
    expect(refusal(smallProgram(), { ...NUMBERS, accounts: 2 ** 30 })).to.equal("COMPUTE_JOB_RANGE");
  });
});
