import { ensureInput } from "../core/errors.ts";
import { sectionOutputs, type Program } from "./program.ts";
import { SectionRun } from "./section-run.ts";
import { decodeWeights } from "./weights.ts";

/** What a model says to one input. */
export interface Answer {
  /** Class with the greatest score; the lowest such class. */
  readonly answer: number;
  /** Sums of the last layer. */
  readonly scores: Int32Array;
}

/**
 * A model ready to answer. Inputs are the bytes of one row of the program's query.
 * @throws GlassboxError `COMPUTE_INPUT_MISMATCH` for an input of another length.
 */
export function createInference(program: Program, weights: Uint8Array): (input: Uint8Array) => Answer {
  const run = new SectionRun(program, "infer");
  decodeWeights(program, weights).forEach((elements, slot) => {
    run.give("weights", slot, elements);
  });
  const query = program.tensors.find((tensor) => tensor.role === "query");
  const output = sectionOutputs(program, "infer")[0];
  const isSingle = output !== undefined && program.tensors[output]?.rows === 1;
  const decision = program.operations.find((operation) => operation.section === "infer" && operation.output === output);
  const scoresAt = decision?.operands[0];
  ensureInput(
    query?.rows === 1 && isSingle && decision?.name === "argmax" && scoresAt !== undefined,
    "COMPUTE_SECTION_MISSING",
    "the program does not give one answer to a single query by argmax",
  );
  return (input) => {
    ensureInput(
      input.length === query.columns,
      "COMPUTE_INPUT_MISMATCH",
      `an input has ${query.columns} bytes, got ${input.length}`,
    );
    run.give("query", 0, Uint8Array.from(input));
    run.run();
    return { answer: Number(run.output(0)[0]), scores: Int32Array.from(run.tensor(scoresAt) as Int32Array) };
  };
}
