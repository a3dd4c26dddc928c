import { expect } from "chai";

import { toHex } from "../../../src/core/bytes.ts";
import { DEFAULT_TRAINING, mlp } from "../../../src/compute/networks/mlp.ts";
import { decodeProgram, encodeProgram, programRoot } from "../../../src/compute/program-file.ts";
import { loadProgram } from "../../../src/compute/validate.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallProgram } from "../../support/small-training.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

const TENSORS_AT = 256;

function changed(at: number, value: number): Uint8Array {
  const file = encodeProgram(smallProgram());
  file[at] = value;
  return file;
}

describe("program file", () => {
  it("decodes to what it encodes", () => {
    for (const parts of [1, 2, 3, 7]) {
      const program = smallProgram({ parts });
      expect(decodeProgram(encodeProgram(program))).to.deep.equal(program);
    }
  });

  it("equals the vectors of the specification", () => {
    const program = mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING);
    const file = encodeProgram(program);
    const word = (at: number): string => toHex(file.subarray(at, at + 32));
    const operationsAt = TENSORS_AT + Math.ceil(program.tensors.length / 8) * 256;
    const matmul = program.operations.findIndex((operation) => operation.name === "matmul");
    const samples = program.tensors.findIndex((tensor) => tensor.role === "samples");
    expect({
      byteLength: file.length,
      root: programRoot(program),
      tensors: program.tensors.length,
      operations: program.operations.length,
      header: word(0),
      firstWeights: word(TENSORS_AT),
      samples: word(TENSORS_AT + 32 * samples),
      firstOperation: word(operationsAt),
      firstMatmul: word(operationsAt + 32 * matmul),
    }).to.deep.equal(vectors.program);
  });

  it("refuses files that are not canonical programs", () => {
    const file = encodeProgram(smallProgram());
    const malformed: Record<string, Uint8Array> = {
      empty: new Uint8Array(),
      "a cut leaf": file.subarray(0, 300),
      "a missing leaf": file.subarray(0, file.length - 256),
      "a leaf too many": Uint8Array.from([...file, ...new Uint8Array(256)]),
      "another magic": changed(0, 0x67),
      "another version": changed(9, 2),
      "too many tensors": changed(10, 0xff),
      "more operations than fit": changed(12, 0x03),
      "an unknown element type": changed(TENSORS_AT, 6),
      "element type 0": changed(TENSORS_AT, 0),
      "an unknown role": changed(TENSORS_AT + 1, 99),
      "an unknown section": changed(TENSORS_AT + 4, 5),
      "an unknown extent": changed(TENSORS_AT + 6, 7),
      "no rows": changed(TENSORS_AT + 11, 0),
      "a reserved header byte": changed(15, 1),
      "a byte at the header's end": changed(255, 1),
    };
    for (const [what, bytes] of Object.entries(malformed)) {
      expect(
        errorCodeOf(() => decodeProgram(bytes)),
        what,
      ).to.equal("COMPUTE_PROGRAM_MALFORMED");
    }
  });

  it("refuses every single flipped byte or reads another valid program", () => {
    const file = encodeProgram(smallProgram());
    const root = programRoot(smallProgram());
    for (let at = 0; at < file.length; at += 13) {
      const flipped = Uint8Array.from(file);
      flipped[at] = (flipped[at] as number) ^ 0x41;
      let reencoded: Uint8Array | undefined;
      const code = errorCodeOf(() => {
        reencoded = encodeProgram(loadProgram(flipped));
      });
      if (code !== "none") expect(code, `byte ${at}`).to.match(/^(COMPUTE|TENSOR)_/);
      else expect(reencoded, `byte ${at}`).to.deep.equal(flipped);
    }
    expect(programRoot(loadProgram(file))).to.equal(root);
  });
});
