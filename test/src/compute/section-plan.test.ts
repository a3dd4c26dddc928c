import { expect } from "chai";

import { joinSections, SectionBuilder, type TensorHandle } from "../../../src/compute/program-builder.ts";
import type { Program } from "../../../src/compute/program.ts";
import { planSection, type Faces } from "../../../src/compute/section-plan.ts";
import { smallProgram } from "../../support/small-training.ts";

/** The tensors of a made-up step: two matrices and i16 weights for their product. */
interface Parts {
  readonly section: SectionBuilder;
  readonly a: TensorHandle;
  readonly b: TensorHandle;
  readonly weights: TensorHandle;
}

const WEIGHTS = { type: "i16", rows: 3, columns: 5 } as const;

function program(build: (parts: Parts) => void): Program {
  const section = new SectionBuilder("step");
  const a = section.tensor({ role: "weights", index: 0, type: "i16", rows: 4, columns: 3, bounds: [-9, 9] });
  const b = section.tensor({ role: "weights", index: 1, type: "u8", rows: 4, columns: 5 });
  const weights = section.tensor({ role: "weights", index: 2, ...WEIGHTS });
  build({ section, a, b, weights });
  return joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [section]);
}

/** Names of a plan's actions, with the number of operands they read and whether a kernel does them. */
function planned(source: Program, faces: Faces = "fused"): string[] {
  return planSection(source, "step", faces).map(
    ({ operation, operands, kernel }) => `${operation.name}/${operands.length}${kernel ? "" : " reference"}`,
  );
}

describe("the plan of a section", () => {
  it("fuses a perceptron's gradients into its updates", () => {
    expect(planned(smallProgram())).to.deep.equal([
      "gather/1 reference",
      "gather/1 reference",
      "setColumn/1",
      "matmul/2",
      "requantise/1",
      "matmul/2",
      "requantise/1",
      "softmaxGradient/3",
      "transpose/1",
      "matmul/2",
      "requantise/1",
      "gate/2",
      "update/3",
      "update/3",
    ]);
  });

  it("keeps every operation apart if it is told to, and off the kernels", () => {
    const { operations } = smallProgram();
    const steps = operations.filter(({ section }) => section === "step").map(({ name }) => name);
    for (const faces of ["kernels", "reference"] as const) {
      expect(planSection(smallProgram(), "step", faces).map(({ operation }) => operation.name)).to.deep.equal(steps);
    }
    expect(planned(smallProgram(), "reference").every((action) => action.endsWith(" reference"))).to.equal(true);
  });

  it("has no kernel for 64 bits and tensors of a job's size", () => {
    expect(planSection(smallProgram(), "allocate", "fused").every(({ kernel }) => kernel === undefined)).to.equal(true);
  });

  it("writes a product that something else reads, too", () => {
    const source = program(({ section, a, b, weights }) => {
      const change = section.matmul(section.transpose(a), section.transpose(b));
      section.operation("update", [weights, change], { ...WEIGHTS, output: 2 }, { shift: 1 });
      section.requantise(change, "i16", [-5, 5], { shift: 1 }, 0);
    });
    expect(planned(source)).to.deep.equal(["matmul/2", "update/2", "requantise/1"]);
  });

  it("writes transposed matrices that something else reads, too", () => {
    const source = program(({ section, a, b, weights }) => {
      const turned = section.transpose(a);
      const change = section.matmul(turned, section.transpose(b));
      section.operation("update", [weights, change], { ...WEIGHTS, output: 2 }, { shift: 1 });
      section.requantise(turned, "i16", [-5, 5], { shift: 1 }, 0);
    });
    expect(planned(source)).to.deep.equal(["transpose/1", "update/3", "requantise/1"]);
  });

  it("fuses a product of two transposed matrices only, and updates of i16 only", () => {
    const half = program(({ section, a, b }) => {
      section.matmul(section.transpose(a), section.requantise(section.transpose(b), "i16", [0, 9], { shift: 1 }));
    });
    expect(planned(half)).to.deep.equal(["transpose/1", "transpose/1", "requantise/1", "matmul/2"]);
    const wide = program(({ section, a, b, weights }) => {
      const change = section.matmul(section.transpose(a), section.transpose(b));
      const spec = { ...WEIGHTS, type: "i32", bounds: [-99, 99] } as const;
      const master = section.requantise(weights, "i32", [-99, 99], { shift: 1 });
      section.operation("update", [master, change], { ...spec, output: 2 }, { shift: 1 });
    });
    expect(planned(wide)).to.deep.equal(["matmul/2", "requantise/1", "update/2"]);
  });

  it("writes what the program leaves unread", () => {
    const source = program(({ section, a, b }) => {
      section.matmul(section.transpose(a), section.transpose(b));
      section.transpose(a);
    });
    expect(planned(source)).to.deep.equal(["matmul/2", "transpose/1"]);
  });
});
