import { columnsOf, ensureContains, ensureShape, ensureType, entryAt, NARROW, rowsOf } from "../checks.ts";
import { addressOf, narrow, operand, typeCode, type Operation } from "../operation.ts";

/** output = x where the activation is above 0, else 0: the rectifier's gradient. */
export const gate: Operation = {
  arity: [2, 2],
  parameters: [],
  check(site) {
    const x = entryAt(site, 0);
    const activation = entryAt(site, 1);
    ensureType(site, x, "i8", "i16", "i32");
    ensureType(site, activation, ...NARROW);
    ensureType(site, site.output, x.type);
    ensureShape(site, activation, rowsOf(x), columnsOf(x));
    ensureShape(site, site.output, rowsOf(x), columnsOf(x));
    ensureContains(site, x.lowest, x.highest);
    ensureContains(site, 0n, 0n);
  },
  bind(binding) {
    const x = operand(binding, 0);
    const activation = operand(binding, 1);
    return () => {
      const from = narrow(x);
      const open = narrow(activation);
      const to = narrow(binding.output);
      for (let i = 0; i < to.length; i++) to[i] = (open[i] as number) > 0 ? (from[i] as number) : 0;
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const x = operand(binding, 0);
      const activation = operand(binding, 1);
      const [from, type] = [addressOf(x), typeCode(x.entry)];
      const [by, byType] = [addressOf(activation), typeCode(activation.entry)];
      const to = addressOf(output);
      const count = output.elements.length;
      return () => {
        kernels.gate(from, type, by, byType, to, count);
      };
    },
  },
};
