import { expect } from "chai";

import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { mlp } from "../../../src/compute/networks/mlp.ts";
import type { Layer } from "../../../src/compute/networks/network-sections.ts";
import { joinSections, SectionBuilder } from "../../../src/compute/program-builder.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { SECTIONS, type OperationEntry, type Program, type TensorEntry } from "../../../src/compute/program.ts";
import { loadProgram, validateProgram } from "../../../src/compute/validate.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { smallProgram } from "../../support/small-training.ts";

type Match<Entry> = (entry: Entry) => boolean;

function withTensor(match: Match<TensorEntry>, change: Partial<TensorEntry>): Program {
  const program = smallProgram();
  const at = program.tensors.findIndex(match);
  return {
    ...program,
    tensors: program.tensors.map((entry, index) => (index === at ? { ...entry, ...change } : entry)),
  };
}

function withOperation(match: Match<OperationEntry>, change: Partial<OperationEntry>): Program {
  const program = smallProgram();
  const at = program.operations.findIndex(match);
  return {
    ...program,
    operations: program.operations.map((entry, index) => (index === at ? { ...entry, ...change } : entry)),
  };
}

const named =
  (name: OperationEntry["name"], section: OperationEntry["section"] = "step") =>
  (entry: OperationEntry): boolean =>
    entry.name === name && entry.section === section;
const role =
  (name: TensorEntry["role"], section?: TensorEntry["section"]) =>
  (entry: TensorEntry): boolean =>
    entry.role === name && (section === undefined || entry.section === section);

/** A tensor that the first operation of a name writes in the step section. */
function writtenBy(name: OperationEntry["name"], change: Partial<TensorEntry>): Program {
  const program = smallProgram();
  const at = program.operations.find(named(name))?.output;
  return {
    ...program,
    tensors: program.tensors.map((entry, index) => (index === at ? { ...entry, ...change } : entry)),
  };
}

function swapped(): Program {
  const program = smallProgram();
  const operations = [...program.operations];
  const at = operations.findIndex(named("matmul"));
  [operations[at], operations[at + 1]] = [operations[at + 1] as OperationEntry, operations[at] as OperationEntry];
  return { ...program, operations };
}

describe("validation of programs", () => {
  it("accepts what the builder makes, for any number of parts and layers", () => {
    for (const parts of [1, 2, 3, 4, 12]) validateProgram(smallProgram({ parts }));
  });

  const base = smallProgram();
  const answering = denseNetwork({ inputs: 4, hidden: [], last: { units: 3, weightClamp: 100, biasClamp: 1_000 } });
  const stepMatmul = base.operations.find(named("matmul"))?.output ?? 0;
  const cases: Record<string, [Program, string]> = {
    "no parts": [{ ...base, parts: 0 }, "COMPUTE_HEADER_RANGE"],
    "no batch": [{ ...base, batch: 0 }, "COMPUTE_HEADER_RANGE"],
    "no steps": [{ ...base, stepsPerPart: 0 }, "COMPUTE_HEADER_RANGE"],
    "no operations": [{ ...base, operations: [] }, "COMPUTE_HEADER_RANGE"],
    "a batch other than the gathered rows": [{ ...base, batch: 5 }, "COMPUTE_SHAPE_MISMATCH"],
    "tensors that would fill a machine": [
      withTensor(role("query"), { rows: 2 ** 26, columns: 12 }),
      "COMPUTE_TENSOR_TOO_LARGE",
    ],
    "a dimension of 0": [withTensor(role("query"), { rows: 0 }), "COMPUTE_TENSOR_TOO_LARGE"],
    "bounds outside the type": [withTensor(role("computed", "step"), { highest: 256n }), "COMPUTE_BOUNDS_MISMATCH"],
    "bounds upside down": [withTensor(role("computed"), { lowest: 5n, highest: 4n }), "COMPUTE_BOUNDS_MISMATCH"],
    "a sum that could overflow": [
      { ...base, tensors: base.tensors.map((entry) => (entry.rows === 5 ? { ...entry, columns: 1500 } : entry)) },
      "COMPUTE_SHAPE_MISMATCH",
    ],
    "a product's bounds too narrow": [writtenBy("matmul", { highest: 1000n }), "COMPUTE_BOUNDS_MISMATCH"],
    "a product in 16 bits": [writtenBy("matmul", { type: "i16", lowest: -5n, highest: 5n }), "COMPUTE_TYPE_MISMATCH"],
    "a product's shape": [writtenBy("matmul", { columns: 6 }), "COMPUTE_SHAPE_MISMATCH"],
    "a multiplier that could overflow": [
      withOperation(named("requantise"), { multiplier: 2 ** 20 }),
      "COMPUTE_OVERFLOW",
    ],
    "a shift of 0": [withOperation(named("requantise"), { shift: 0 }), "COMPUTE_PARAMETER_INVALID"],
    "a shift of 31": [withOperation(named("update"), { shift: 31 }), "COMPUTE_PARAMETER_INVALID"],
    "a parameter without use": [withOperation(named("matmul"), { shift: 1 }), "COMPUTE_PARAMETER_INVALID"],
    "a column outside": [withOperation(named("setColumn"), { arguments: [12, 255] }), "COMPUTE_PARAMETER_INVALID"],
    "a column's value outside": [withOperation(named("setColumn"), { arguments: [0, 256] }), "COMPUTE_BOUNDS_MISMATCH"],
    "an operand too few": [withOperation(named("matmul"), { operands: [0] }), "COMPUTE_ARITY_MISMATCH"],
    "an operand too many": [withOperation(named("argmax", "infer"), { operands: [1, 1] }), "COMPUTE_ARITY_MISMATCH"],
    "an operand that does not exist": [
      withOperation(named("transpose"), { operands: [999] }),
      "COMPUTE_OPERAND_INVALID",
    ],
    "an operand of another section": [withOperation(named("transpose"), { operands: [0] }), "COMPUTE_OPERAND_INVALID"],
    "an operation that reads its own output": [
      withOperation(named("matmul"), { operands: [stepMatmul, stepMatmul] }),
      "COMPUTE_OPERAND_INVALID",
    ],
    "a dataset that is not gathered": [
      withOperation(named("setColumn"), { operands: [base.tensors.findIndex(role("samples"))] }),
      "COMPUTE_OPERAND_INVALID",
    ],
    "operations out of order": [swapped(), "COMPUTE_OPERAND_INVALID"],
    "a tensor written twice": [
      { ...base, operations: [...base.operations.slice(0, 1), ...base.operations] },
      "COMPUTE_OUTPUT_INVALID",
    ],
    "a tensor that nothing writes": [{ ...base, operations: base.operations.slice(0, -1) }, "COMPUTE_TENSOR_UNWRITTEN"],
    "sections out of order": [{ ...base, operations: [...base.operations].reverse() }, "COMPUTE_SECTION_ORDER"],
    "samples that are not u8": [
      withTensor(role("samples"), { type: "i8", lowest: -128n, highest: 127n }),
      "COMPUTE_ROLE_INVALID",
    ],
    "samples of a fixed number": [
      withTensor(role("samples"), { rowExtent: "static", rows: 9 }),
      "COMPUTE_ROLE_INVALID",
    ],
    "an unmarked index": [withTensor(role("labels"), { index: 3 }), "COMPUTE_ROLE_INVALID"],
    "weights narrower than they were written": [
      withTensor(role("weights", "infer"), { highest: 5n }),
      "COMPUTE_WEIGHTS_MISMATCH",
    ],
    "a part too many": [withTensor(role("partWeights"), { index: 768 }), "COMPUTE_WEIGHTS_MISMATCH"],
    "no average of three parts": [smallProgramWithout("average"), "COMPUTE_WEIGHTS_MISMATCH"],
    "an average of one part": [{ ...base, parts: 1 }, "COMPUTE_WEIGHTS_MISMATCH"],
    "an average's tensor of one part": [smallProgramOfOnePart(), "COMPUTE_WEIGHTS_MISMATCH"],
    "weights of u8": [smallProgramOfBytes(), "COMPUTE_WEIGHTS_MISMATCH"],
    "parts of what is not trained": [{ ...answering, parts: 2 }, "COMPUTE_WEIGHTS_MISMATCH"],
    "steps of what is not trained": [{ ...answering, stepsPerPart: 2 }, "COMPUTE_WEIGHTS_MISMATCH"],
    "a batch of what is not trained": [{ ...answering, batch: 2 }, "COMPUTE_WEIGHTS_MISMATCH"],
    "a second answer": [withTensor(role("computed", "infer"), { output: 1 }), "COMPUTE_RESULT_INVALID"],
    "a table with another hash": [
      withTable({ lowest: -(2n ** 31n), highest: 2n ** 31n - 1n }),
      "COMPUTE_TABLE_UNKNOWN",
    ],
    "a table with other bounds": [withTensor(role("constant"), { highest: 65_535n }), "COMPUTE_BOUNDS_MISMATCH"],
    "a constant that claims bounds": [withTable({}), "COMPUTE_BOUNDS_MISMATCH"],
    "a constant somewhere else": [withTensor(role("constant"), { index: 1 }), "COMPUTE_CONSTANT_INVALID"],
    "a constant that is missing": [{ ...base, constants: new Map() }, "COMPUTE_CONSTANT_INVALID"],
    "a constant that is too short": [
      { ...base, constants: new Map([...base.constants.keys()].map((index) => [index, new Uint8Array(256)])) },
      "COMPUTE_CONSTANT_INVALID",
    ],
    "a constant of a job's size": [withTensor(role("constant"), { rowExtent: "samples" }), "COMPUTE_EXTENT_UNKNOWN"],
    "weights of a job's size": [
      withTensor((entry) => entry.section === "init", { columnExtent: "accounts" }),
      "COMPUTE_EXTENT_UNKNOWN",
    ],
    "a step that knows the accounts": [writtenBy("transpose", { rowExtent: "accounts" }), "COMPUTE_EXTENT_UNKNOWN"],
    "a second query": [withSecond("query"), "COMPUTE_ROLE_INVALID"],
    "terms in two rows": [withTensor(role("terms"), { rows: 2 }), "COMPUTE_ROLE_INVALID"],
    "a section of 128 operations": [withTransposes(128), "COMPUTE_SECTION_TOO_LONG"],
    "a head of 96 leaves": [withTransposes(550), "COMPUTE_HEAD_TOO_LONG"],
  };
  for (const [what, [program, code]] of Object.entries(cases)) {
    it(`refuses ${what}`, () => {
      expect(
        errorCodeOf(() => {
          validateProgram(program);
        }),
      ).to.equal(code);
    });
  }

  it("accepts a section of 127 operations", () => {
    validateProgram(withTransposes(127));
  });

  it("accepts any bytes in a constant that is not the table", () => {
    const program = withConstant();
    validateProgram(program);
    expect(loadProgram(encodeProgram(program)).constants).to.deep.equal(program.constants);
  });

  it("accepts a network that only answers", () => {
    validateProgram(answering);
  });

  it("refuses rows that are too long to judge, and sums beyond 32 bits", () => {
    const wide = { clamp: 100, initMultiplier: 10, shift: 8, gradientShift: 0, updateShift: 8 };
    const build = (columns: number, clamp: number) => (): Program => smallWide(columns, { ...wide, clamp });
    expect(errorCodeOf(build(1024, 100))).to.equal("none");
    expect(errorCodeOf(build(1025, 100))).to.equal("COMPUTE_ROW_TOO_LONG");
    expect(errorCodeOf(build(784, 10_741))).to.equal("none");
    expect(errorCodeOf(build(784, 10_742))).to.equal("COMPUTE_OVERFLOW");
  });
});

function smallProgramWithout(section: OperationEntry["section"]): Program {
  const program = smallProgram();
  const first = program.tensors.findIndex((entry) => entry.section === section);
  const count = program.tensors.filter((entry) => entry.section === section).length;
  const moved = (index: number): number => (index > first ? index - count : index);
  return {
    ...program,
    tensors: program.tensors.filter((entry) => entry.section !== section),
    operations: program.operations
      .filter((entry) => entry.section !== section)
      .map((entry) => ({ ...entry, output: moved(entry.output), operands: entry.operands.map(moved) })),
  };
}

/** Another tensor of a role. */
function withSecond(name: TensorEntry["role"]): Program {
  const program = smallProgram();
  const entry = program.tensors.find(role(name)) as TensorEntry;
  return { ...program, tensors: [...program.tensors, { ...entry, section: "allocate" }] };
}

/** An average that gives nothing, of one part. */
function smallProgramOfOnePart(): Program {
  const program = smallProgram({ parts: 1 });
  const [first] = program.tensors;
  const unread: TensorEntry = { ...(first as TensorEntry), role: "partWeights", section: "average", output: undefined };
  const at = program.tensors.findIndex((entry) => SECTIONS.indexOf(entry.section) > SECTIONS.indexOf("average"));
  return inserted(program, at, unread);
}

/** A tensor more, at a place in the table. */
function inserted(program: Program, at: number, entry: TensorEntry): Program {
  const moved = (index: number): number => (index >= at ? index + 1 : index);
  return {
    ...program,
    tensors: [...program.tensors.slice(0, at), entry, ...program.tensors.slice(at)],
    operations: program.operations.map((operation) => ({
      ...operation,
      output: moved(operation.output),
      operands: operation.operands.map(moved),
    })),
    constants: new Map([...program.constants].map(([index, file]) => [moved(index), file])),
  };
}

/** The small program, its step lengthened by copies that nobody reads to `count` operations. */
function withTransposes(count: number): Program {
  const step = new SectionBuilder("step");
  const weights = { type: "i16", rows: 5, columns: 12, bounds: [-7, 7] } as const;
  const given = step.tensor({ ...weights, role: "weights" });
  step.operation("update", [given, given], { ...weights, output: 0 }, { shift: 1 });
  while (step.operations.length < count) step.transpose(given);
  const init = new SectionBuilder("init");
  init.operation("init", [], { ...weights, output: 0 }, { shift: 1, multiplier: 1 });
  return joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [init, step]);
}

/** A program with a constant whose padding is not 0. */
function withConstant(): Program {
  const step = new SectionBuilder("step");
  const weights = { type: "i16", rows: 1, columns: 12, bounds: [-7, 7] } as const;
  const given = step.tensor({ ...weights, role: "weights" });
  const constant = step.tensor({ role: "constant", type: "i16", rows: 1, columns: 12 }, new Uint8Array(256).fill(0x81));
  step.operation("update", [given, constant], { ...weights, output: 0 }, { shift: 1 });
  const init = new SectionBuilder("init");
  init.operation("init", [], { ...weights, output: 0 }, { shift: 1, multiplier: 1 });
  return joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [init, step]);
}

/** A model of unsigned bytes. */
function smallProgramOfBytes(): Program {
  const weights = { type: "u8", rows: 1, columns: 12 } as const;
  const init = new SectionBuilder("init");
  const noise = init.operation("init", [], { ...weights, type: "i16" }, { shift: 1, multiplier: 1 });
  init.requantise(noise, "u8", [0, 255], { shift: 1 }, 0);
  const step = new SectionBuilder("step");
  step.requantise(step.tensor({ ...weights, role: "weights" }), "u8", [0, 255], { shift: 1 }, 0);
  return joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [init, step]);
}

function withTable(change: Partial<TensorEntry>): Program {
  const program = withTensor(role("constant"), change);
  const constants = new Map(program.constants);
  for (const [index, file] of constants) {
    const altered = Uint8Array.from(file);
    altered[4] = (altered[4] as number) ^ 1;
    constants.set(index, altered);
  }
  return { ...program, constants };
}

function smallWide(columns: number, layer: Layer): Program {
  return mlp([columns, 3], { parts: 1, batch: 4, stepsPerPart: 1, layers: [layer] });
}
