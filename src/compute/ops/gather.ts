import { columnsOf, ensureContains, ensureParameter, ensureShape, ensureType, entryAt, fixed } from "../checks.ts";
import { narrow, operand, type Operation } from "../operation.ts";
import { epochShuffle, shuffled } from "../randomness.ts";

/** output[i] = row of the dataset that the shuffle puts at place i of this step. */
export const gather: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const source = entryAt(site, 0);
    ensureParameter(site, site.operation.section === "step", "only a step has a place in the sequence of samples");
    ensureParameter(site, source.rowExtent === "samples", "the rows are the dataset's");
    ensureType(site, source, "u8");
    ensureType(site, site.output, source.type);
    ensureShape(site, site.output, fixed(site.program.batch), columnsOf(source));
    ensureContains(site, source.lowest, source.highest);
  },
  bind(binding) {
    const { output, scope } = binding;
    const source = operand(binding, 0);
    return () => {
      const from = narrow(source);
      const to = narrow(output);
      const { samples } = scope;
      const { columns } = output;
      let epoch = Math.floor(scope.position / samples);
      let within = scope.position % samples;
      let shuffle = epochShuffle(scope.seed, epoch, samples);
      for (let row = 0; row < output.rows; row++, within++) {
        if (within === samples) {
          within = 0;
          shuffle = epochShuffle(scope.seed, ++epoch, samples);
        }
        const at = shuffled(shuffle, within, samples) * source.stride;
        if (columns === 1) to[row] = from[at] as number;
        else to.set(from.subarray(at, at + columns), row * columns);
      }
    };
  },
};
