import { ensureContains, ensureRowLength, ensureShape, ensureType, entryAt, NARROW, ONE, rowsOf } from "../checks.ts";
import { addressOf, narrow, operand, typeCode, type Operation } from "../operation.ts";

/** output[i] = the column of the greatest element of row i; the lowest such column. */
export const argmax: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const x = entryAt(site, 0);
    ensureType(site, x, ...NARROW);
    ensureType(site, site.output, "i32");
    ensureShape(site, site.output, rowsOf(x), ONE);
    ensureRowLength(site, x.columns);
    ensureContains(site, 0n, BigInt(x.columns - 1));
  },
  bind(binding) {
    const x = operand(binding, 0);
    return () => {
      const from = narrow(x);
      const to = narrow(binding.output);
      for (let row = 0; row < x.rows; row++) {
        let best = 0;
        const at = row * x.columns;
        for (let c = 1; c < x.columns; c++) {
          if ((from[at + c] as number) > (from[at + best] as number)) best = c;
        }
        to[row] = best;
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const x = operand(binding, 0);
      const [from, type] = [addressOf(x), typeCode(x.entry)];
      const to = addressOf(binding.output);
      return () => {
        kernels.argmax(from, type, to, x.rows, x.columns);
      };
    },
  },
};
