import { ensureInvariant } from "../../core/errors.ts";
import { decodeTensor } from "../../core/tensor.ts";
import { decodeCredits } from "../allocation.ts";
import { SectionRun } from "../section-run.ts";
import { giveData } from "../training.ts";
import { decodeWeights } from "../weights.ts";
import { numbersOf, shapeOf, type Execution } from "./execution.ts";

/**
 * An execution in memory, one operation at a time and with every tensor written, before its first step.
 * @throws GlassboxError what decoding its inputs throws.
 */
export function prepareRun(execution: Execution): SectionRun {
  const { program, section, data, weights, ends, query, allocation } = execution;
  const run = new SectionRun(program, section, numbersOf(execution), "kernels");
  if (data !== undefined) giveData(program, run, data);
  if (weights !== undefined) giveWeights(execution, run, weights);
  ends?.forEach((file, part) => {
    decodeWeights(program, file).forEach((elements, slot) => {
      run.give("partWeights", 256 * part + slot, elements);
    });
  });
  if (query !== undefined) {
    const entry = program.tensors.find(({ role }) => role === "query");
    ensureInvariant(entry !== undefined, "COMPUTE_TENSOR_MISSING", "the program takes no query");
    run.give("query", 0, decodeTensor(shapeOf(entry, {}), query));
  }
  if (allocation !== undefined) {
    const { records, credits, terms } = allocation;
    run.give("records", 0, new Uint8Array(records.buffer, records.byteOffset, records.byteLength));
    run.give("credits", 0, decodeCredits(credits, Number(terms[6])));
    run.give("terms", 0, terms);
  }
  return run;
}

/** Gives a step the weights that it starts from. */
export function giveWeights({ program }: Execution, run: SectionRun, weights: Uint8Array): void {
  decodeWeights(program, weights).forEach((elements, slot) => {
    run.give("weights", slot, elements);
  });
}
