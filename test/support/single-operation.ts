import type { Elements } from "../../src/core/tensor.ts";
import { INSTRUCTIONS } from "../../src/compute/operations.ts";
import {
  joinSections,
  SectionBuilder,
  type OperationParameters,
  type TensorSpec,
} from "../../src/compute/program-builder.ts";
import type { OperationName, Program, Section, TensorEntry } from "../../src/compute/program.ts";
import type { Faces } from "../../src/compute/section-plan.ts";
import { SectionRun, type JobNumbers } from "../../src/compute/section-run.ts";

/** One operation with its operands as weights 0, 1, 2, where they have no other role. */
export interface SingleOperation {
  readonly name: OperationName;
  readonly operands: readonly TensorSpec[];
  readonly output: TensorSpec;
  readonly parameters?: OperationParameters;
  readonly section?: Section;
  readonly batch?: number;
  readonly constants?: readonly (Uint8Array | undefined)[];
}

/** A program of one operation; it is no model, so only the operation itself can be checked. */
function singleOperation(single: SingleOperation): Program {
  const section = new SectionBuilder(single.section ?? "step");
  const operands = single.operands.map((spec, index) =>
    section.tensor({ role: "weights", index: spec.role === undefined ? index : 0, ...spec }, single.constants?.[index]),
  );
  section.operation(single.name, operands, { ...single.output, output: 0 }, single.parameters);
  return joinSections({ parts: 1, batch: single.batch ?? 1, stepsPerPart: 1 }, [section]);
}

/** Runs the operation's check alone. */
function checkOperation(program: Program): void {
  const operation = program.operations[0];
  if (operation === undefined) return;
  const tensor = (index: number): TensorEntry => program.tensors[index] as TensorEntry;
  INSTRUCTIONS[operation.name].check({
    program,
    operation,
    output: tensor(operation.output),
    operands: operation.operands.map(tensor),
  });
}

/** Checks and runs one operation. */
export function runOperation(
  single: SingleOperation,
  inputs: readonly Elements[],
  job: JobNumbers = {},
  position = 0,
  faces: Faces = "fused",
): Elements {
  const program = singleOperation(single);
  checkOperation(program);
  const run = new SectionRun(program, single.section ?? "step", job, faces);
  single.operands.forEach((spec, index) => {
    const role = spec.role ?? "weights";
    if (role === "constant") return;
    run.give(role, role === "weights" ? index : 0, inputs[index] as Elements);
  });
  run.run(position);
  return run.output(0);
}
