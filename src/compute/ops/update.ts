import {
  columnsOf,
  ensureAccumulator,
  ensureShape,
  ensureShift,
  ensureType,
  entryAt,
  magnitude,
  roundingTerm,
  rowsOf,
} from "../checks.ts";
import { addressOf, bounds, narrow, operand, typeCode, type Operation } from "../operation.ts";
import { roundingShift, saturate } from "../arithmetic.ts";

/** output = sat(weights - rshr(gradient, shift)): a step of gradient descent at a learning rate that is a power of two. */
export const update: Operation = {
  arity: [2, 2],
  parameters: ["shift"],
  check(site) {
    const weights = entryAt(site, 0);
    const gradient = entryAt(site, 1);
    ensureType(site, weights, "i8", "i16", "i32");
    ensureType(site, gradient, "i16", "i32");
    ensureType(site, site.output, weights.type);
    ensureShape(site, gradient, rowsOf(weights), columnsOf(weights));
    ensureShape(site, site.output, rowsOf(weights), columnsOf(weights));
    ensureShift(site);
    const { shift } = site.operation;
    ensureAccumulator(site, magnitude(gradient) + roundingTerm(shift));
    ensureAccumulator(site, magnitude(weights) + ((magnitude(gradient) + roundingTerm(shift)) >> BigInt(shift)) + 1n);
  },
  bind(binding) {
    const { shift } = binding.operation;
    const weights = operand(binding, 0);
    const gradient = operand(binding, 1);
    const [lowest, highest] = bounds(binding.output.entry);
    return () => {
      const from = narrow(weights);
      const change = narrow(gradient);
      const to = narrow(binding.output);
      for (let i = 0; i < to.length; i++) {
        to[i] = saturate((from[i] as number) - roundingShift(change[i] as number, shift), lowest, highest);
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const { shift } = binding.operation;
      const weights = operand(binding, 0);
      const gradient = operand(binding, 1);
      const [from, type] = [addressOf(weights), typeCode(weights.entry)];
      const [change, changeType] = [addressOf(gradient), typeCode(gradient.entry)];
      const to = addressOf(output);
      const [lowest, highest] = bounds(output.entry);
      const count = output.elements.length;
      return () => {
        kernels.update(from, type, change, changeType, to, count, shift, lowest, highest);
      };
    },
  },
};
