import { ensureParameter, ensureRowLength, ensureShape, ensureStatic, fixed, movedOperand } from "../checks.ts";
import { addressOf, narrow, operand, typeCode, type Operation } from "../operation.ts";

/** output[i][c] = the greatest of x[i][q * C + c] over the groups q < `first`: pooling, after `unfold` has made each window a row. */
export const maxPool: Operation = {
  arity: [1, 1],
  parameters: ["first"],
  check(site) {
    const x = movedOperand(site);
    const [groups] = site.operation.arguments;
    ensureStatic(site);
    ensureRowLength(site, x.columns);
    ensureParameter(site, groups >= 1 && x.columns % groups === 0, `${x.columns} columns are no ${groups} groups`);
    ensureShape(site, site.output, fixed(x.rows), fixed(x.columns / groups));
  },
  bind(binding) {
    const { output } = binding;
    const x = operand(binding, 0);
    return () => {
      const from = narrow(x);
      const to = narrow(output);
      for (let row = 0, at = 0; row < output.rows; row++) {
        const end = (row + 1) * x.columns;
        for (let column = 0; column < output.columns; column++, at++) {
          const start = row * x.columns + column;
          let greatest = from[start] as number;
          for (let i = start; i < end; i += output.columns) greatest = Math.max(greatest, from[i] as number);
          to[at] = greatest;
        }
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const x = operand(binding, 0);
      const [from, type] = [addressOf(x), typeCode(x.entry)];
      const to = addressOf(output);
      const [groups] = binding.operation.arguments;
      return () => {
        kernels.maxPool(from, type, to, output.rows, groups, output.columns);
      };
    },
  },
};
