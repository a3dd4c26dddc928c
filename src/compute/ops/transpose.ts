import { elementBytes } from "../../core/tensor.ts";
import { columnsOf, ensureShape, movedOperand, rowsOf } from "../checks.ts";
import { addressOf, narrow, operand, type Operation } from "../operation.ts";

/** output[j][i] = x[i][j]. */
export const transpose: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const x = movedOperand(site);
    ensureShape(site, site.output, columnsOf(x), rowsOf(x));
  },
  bind(binding) {
    const x = operand(binding, 0);
    const { rows, columns } = x;
    return () => {
      const from = narrow(x);
      const to = narrow(binding.output);
      for (let row = 0; row < rows; row++) {
        for (let column = 0, at = row * columns; column < columns; column++) {
          to[column * rows + row] = from[at + column] as number;
        }
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const x = operand(binding, 0);
      const [from, to] = [addressOf(x), addressOf(binding.output)];
      const size = elementBytes(x.entry.type);
      return () => {
        kernels.transpose(from, size, to, x.rows, x.columns);
      };
    },
  },
};
