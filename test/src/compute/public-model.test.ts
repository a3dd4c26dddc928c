import { expect } from "chai";

import { initSection } from "../../../src/compute/networks/network-sections.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import {
  joinSections,
  SectionBuilder,
  type TensorHandle,
  type TensorSpec,
} from "../../../src/compute/program-builder.ts";
import { openPublicModel } from "../../../src/compute/public-model.ts";
import { validateProgram } from "../../../src/compute/validate.ts";
import { encodeWeights } from "../../../src/compute/weights.ts";
import { errorCodeOf } from "../../support/error-code.ts";

/** A valid model of four inputs that says of every row of two which is the greater one. */
function modelOf(rows: 1 | 2): { program: Uint8Array; weights: Uint8Array } {
  const specs: TensorSpec[] = [{ type: "i16", rows: 2, columns: 4 / rows, bounds: [-1, 1] }];
  const init = initSection(specs, () => ({ shift: 1, multiplier: 1 }));
  const infer = new SectionBuilder("infer");
  const query = infer.tensor({ role: "query", type: "u8", rows: 1, columns: 4 });
  const [weights] = specs.map((spec, slot) => infer.tensor({ ...spec, role: "weights", index: slot }));
  const parts = infer.moved("reshape", [query], rows, 4 / rows);
  const sums = infer.matmul(parts, weights as TensorHandle);
  infer.operation("argmax", [sums], { type: "i32", rows, columns: 1, bounds: [0, 1], output: 0 });
  const program = joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [init, infer]);
  validateProgram(program);
  const matrix = rows === 2 ? Int16Array.of(1, 0, 0, 1) : Int16Array.of(1, 0, 0, 0, 0, 1, 0, 0);
  return { program: encodeProgram(program), weights: encodeWeights(program, [matrix]) };
}

describe("public models", () => {
  it("give one answer to one query", () => {
    expect(openPublicModel(modelOf(1)).answer(Uint8Array.of(3, 5, 7, 9)).answer).to.equal(1);
  });

  it("are not opened if they give several: a signed answer says one, and a dispute asks for all", () => {
    expect(errorCodeOf(() => openPublicModel(modelOf(2)))).to.equal("COMPUTE_SECTION_MISSING");
  });
});
