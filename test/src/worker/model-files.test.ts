import { expect } from "chai";

import type { Contracts } from "../../../src/chain/contracts.ts";
import { encodeProgram, MAX_PROGRAM_BYTES } from "../../../src/compute/program-file.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { jobProgramFile, modelFiles } from "../../../src/worker/model-files.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { smallProgram } from "../../support/small-training.ts";

const PROGRAM = 5;
const WEIGHTS = 6;
const program = smallProgram();
const stored = new Map([
  [PROGRAM, encodeProgram(program)],
  [WEIGHTS, initialWeights(program, new Uint8Array(32))],
]);

describe("files of a model in storage", () => {
  let fetched: number[];
  let lengths: Map<number, number>;
  const files = {
    download: (submission: number) => {
      fetched.push(submission);
      return Promise.resolve(stored.get(submission) ?? new Uint8Array());
    },
  };
  const contracts = {
    JobRegistry: { job: () => Promise.resolve({ params: { programSubmission: BigInt(PROGRAM) } }) },
    ModelRegistry: { version: () => Promise.resolve({ jobId: 1n, weightsSubmission: BigInt(WEIGHTS) }) },
    Flow: { submission: (place: bigint) => Promise.resolve({ byteLength: BigInt(lengths.get(Number(place)) ?? 0) }) },
  } as unknown as Contracts;
  const { signal } = new AbortController();

  beforeEach(() => {
    fetched = [];
    lengths = new Map([...stored].map(([place, file]) => [place, file.length]));
  });

  it("are fetched", async () => {
    expect(await jobProgramFile(contracts, files, 1n, signal)).to.equal(stored.get(PROGRAM));
    expect(await modelFiles(contracts, files, 1n, signal)).to.deep.equal({
      program: stored.get(PROGRAM),
      weights: stored.get(WEIGHTS),
    });
  });

  it("are not fetched if the program is larger than any", async () => {
    lengths.set(PROGRAM, MAX_PROGRAM_BYTES + 1);
    await expectGlassboxError(jobProgramFile(contracts, files, 1n, signal), "check", "WORKER_PROGRAM_LENGTH");
    await expectGlassboxError(modelFiles(contracts, files, 1n, signal), "check", "WORKER_PROGRAM_LENGTH");
    expect(fetched).to.deep.equal([]);
    lengths.set(PROGRAM, MAX_PROGRAM_BYTES);
    expect(await jobProgramFile(contracts, files, 1n, signal)).to.equal(stored.get(PROGRAM));
  });

  it("are not fetched if the weights have another length than the program's", async () => {
    for (const change of [-1, 1]) {
      lengths.set(WEIGHTS, (stored.get(WEIGHTS)?.length ?? 0) + change);
      await expectGlassboxError(modelFiles(contracts, files, 1n, signal), "check", "WORKER_WEIGHTS_LENGTH");
    }
    expect(fetched).not.to.include(WEIGHTS);
  });
});
