import {
  ensureAccumulator,
  ensureContains,
  ensureRowLength,
  ensureShape,
  productOperands,
  rowsOf,
  sumReach,
} from "../checks.ts";
import { dotProduct } from "../arithmetic.ts";
import { narrow, operand, type Operation } from "../operation.ts";
import { productOfRows } from "../wasm/products.ts";

/** output[i][j] = sum over k of a[i][k] * b[j][k], exactly: the product of a with b transposed. */
export const matmul: Operation = {
  arity: [2, 2],
  parameters: [],
  check(site) {
    const [a, b] = productOperands(site);
    ensureShape(site, site.output, rowsOf(a), rowsOf(b));
    ensureRowLength(site, a.columns);
    const reach = sumReach(a, b);
    ensureAccumulator(site, reach);
    ensureContains(site, -reach, reach);
  },
  bind(binding) {
    const { output } = binding;
    const a = operand(binding, 0);
    const b = operand(binding, 1);
    const inner = a.columns;
    return () => {
      const left = narrow(a);
      const right = narrow(b);
      const to = narrow(output);
      for (let i = 0; i < a.rows; i++) {
        for (let j = 0; j < b.rows; j++) {
          to[i * output.columns + j] = dotProduct(left, i * inner, right, j * inner, inner);
        }
      }
    };
  },
  kernel: productOfRows,
};
