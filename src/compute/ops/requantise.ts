import {
  columnsOf,
  ensureAccumulator,
  ensureParameter,
  ensureShape,
  ensureShift,
  ensureType,
  entryAt,
  magnitude,
  NARROW,
  roundingTerm,
  rowsOf,
} from "../checks.ts";
import { addressOf, bounds, narrow, operand, typeCode, type Operation } from "../operation.ts";
import { roundingShift, saturate } from "../arithmetic.ts";

/** output = sat(rshr(multiplier * x, shift)); with the output's range 0..127 it is also the rectifier. */
export const requantise: Operation = {
  arity: [1, 1],
  parameters: ["shift", "multiplier"],
  check(site) {
    const x = entryAt(site, 0);
    const { multiplier, shift } = site.operation;
    ensureType(site, x, ...NARROW);
    ensureType(site, site.output, ...NARROW);
    ensureShape(site, site.output, rowsOf(x), columnsOf(x));
    ensureShift(site);
    ensureParameter(site, multiplier >= 1, "the multiplier is at least 1");
    ensureAccumulator(site, magnitude(x) * BigInt(multiplier) + roundingTerm(shift));
  },
  bind(binding) {
    const { multiplier, shift } = binding.operation;
    const x = operand(binding, 0);
    const [lowest, highest] = bounds(binding.output.entry);
    return () => {
      const from = narrow(x);
      const to = narrow(binding.output);
      for (let i = 0; i < to.length; i++) {
        to[i] = saturate(roundingShift(Math.imul(from[i] as number, multiplier), shift), lowest, highest);
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const { multiplier, shift } = binding.operation;
      const x = operand(binding, 0);
      const [from, fromType] = [addressOf(x), typeCode(x.entry)];
      const [to, toType] = [addressOf(output), typeCode(output.entry)];
      const [lowest, highest] = bounds(output.entry);
      const count = output.elements.length;
      return () => {
        kernels.requantise(from, fromType, to, toType, count, multiplier, shift, lowest, highest);
      };
    },
  },
};
