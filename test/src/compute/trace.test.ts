import { expect } from "chai";

import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { decodeRoundsFile, encodeRoundsFile } from "../../../src/compute/rounds-file.ts";
import { decodeTrace, encodeTrace, traceSlots, type Trace } from "../../../src/compute/trace.ts";
import { trainRounds } from "../../../src/compute/training.ts";
import { weightsBytes } from "../../../src/compute/weights.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallJob } from "../../support/small-training.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

const root = (value: number): Hex => toHex(new Uint8Array(32).fill(value));

const trace: Trace = {
  rounds: [
    { start: root(1), ends: [root(2), root(3)] },
    { start: root(4), ends: [root(5), root(6)] },
  ],
  final: root(7),
};

describe("trace file", () => {
  it("puts every root into its slot", () => {
    expect([1, 2, 3, 4, 7].map(traceSlots)).to.deep.equal([2, 4, 4, 8, 8]);
    const file = encodeTrace(trace, 2);
    const firstBytes = Array.from({ length: file.length / 32 }, (_, slot) => file[32 * slot]);
    expect(firstBytes).to.deep.equal([1, 2, 3, 0, 4, 5, 6, 0, 7]);
    expect(fileRoot(file)).to.equal(vectors.trace.root);
    expect(decodeTrace(file, 2, 2)).to.deep.equal(trace);
  });

  it("refuses another length, a used spare slot and missing parts", () => {
    const file = encodeTrace(trace, 2);
    const spare = Uint8Array.from(file);
    spare[3 * 32] = 1;
    expect(errorCodeOf(() => decodeTrace(spare, 2, 2))).to.equal("COMPUTE_TRACE_MALFORMED");
    expect(errorCodeOf(() => decodeTrace(file, 3, 2))).to.equal("COMPUTE_TRACE_MALFORMED");
    expect(errorCodeOf(() => decodeTrace(file.subarray(1), 2, 2))).to.equal("COMPUTE_TRACE_MALFORMED");
    expect(errorCodeOf(() => encodeTrace(trace, 3))).to.equal("COMPUTE_TRACE_MALFORMED");
  });
});

describe("rounds file", () => {
  it("holds the weights that each round starts from and the signature of each part", () => {
    const job = smallJob();
    const { parts } = job.program;
    const starts = [...trainRounds(job, 3)].map(({ start }) => start);
    const signedParts = Array.from({ length: 3 * parts }, (_, i) => ({
      signature: toHex(new Uint8Array(65).fill(i)),
      operator: toHex(new Uint8Array(20).fill(i + 1)),
    }));
    const size = weightsBytes(job.program);
    const file = encodeRoundsFile({ starts, signedParts });
    expect(decodeRoundsFile(file, 3, parts, size)).to.deep.equal({ starts, signedParts });
    expect(fileRoot(file)).to.equal(vectors.rounds.root);
    expect(errorCodeOf(() => decodeRoundsFile(file, 2, parts, size))).to.equal("COMPUTE_ROUNDS_LENGTH");
    expect(errorCodeOf(() => decodeRoundsFile(file.subarray(1), 3, parts, size))).to.equal("COMPUTE_ROUNDS_LENGTH");
  });
});
