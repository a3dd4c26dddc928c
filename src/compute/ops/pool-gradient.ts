import {
  columnsOf,
  ensureContains,
  ensureParameter,
  ensureRowLength,
  ensureShape,
  ensureStatic,
  ensureType,
  entryAt,
  fixed,
  NARROW,
  rowsOf,
} from "../checks.ts";
import { addressOf, narrow, operand, typeCode, type Operation } from "../operation.ts";

/** output[i][q * C + c] = gradient[i][c] where q is the least group with x[i][q * C + c] greatest, else 0: the gradient of `maxPool`. */
export const poolGradient: Operation = {
  arity: [2, 2],
  parameters: ["first"],
  check(site) {
    const gradient = entryAt(site, 0);
    const x = entryAt(site, 1);
    const [groups] = site.operation.arguments;
    ensureType(site, gradient, "i8", "i16", "i32");
    ensureType(site, x, ...NARROW);
    ensureType(site, site.output, gradient.type);
    ensureStatic(site);
    ensureRowLength(site, x.columns);
    ensureParameter(site, groups >= 1, `there is at least 1 group, got ${groups}`);
    ensureShape(site, x, rowsOf(gradient), fixed(groups * gradient.columns));
    ensureShape(site, site.output, rowsOf(x), columnsOf(x));
    ensureContains(site, gradient.lowest, gradient.highest);
    ensureContains(site, 0n, 0n);
  },
  bind(binding) {
    const { output } = binding;
    const gradient = operand(binding, 0);
    const x = operand(binding, 1);
    return () => {
      const values = narrow(x);
      const from = narrow(gradient);
      const to = narrow(output);
      to.fill(0);
      for (let row = 0, at = 0; row < gradient.rows; row++) {
        const end = (row + 1) * x.columns;
        for (let column = 0; column < gradient.columns; column++, at++) {
          let best = row * x.columns + column;
          for (let i = best; i < end; i += gradient.columns) {
            if ((values[i] as number) > (values[best] as number)) best = i;
          }
          to[best] = from[at] as number;
        }
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const gradient = operand(binding, 0);
      const x = operand(binding, 1);
      const [from, type] = [addressOf(gradient), typeCode(gradient.entry)];
      const [by, byType] = [addressOf(x), typeCode(x.entry)];
      const to = addressOf(binding.output);
      const [groups] = binding.operation.arguments;
      return () => {
        kernels.poolGradient(from, type, by, byType, to, gradient.rows, groups, gradient.columns);
      };
    },
  },
};
