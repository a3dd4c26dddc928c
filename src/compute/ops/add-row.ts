import {
  columnsOf,
  ensureContains,
  ensureShape,
  ensureStatic,
  ensureType,
  entryAt,
  NARROW,
  ONE,
  rowsOf,
} from "../checks.ts";
import { addressOf, narrow, operand, typeCode, type Operation } from "../operation.ts";

/** output[i][j] = x[i][j] + row[0][j]: how a bias enters a layer. */
export const addRow: Operation = {
  arity: [2, 2],
  parameters: [],
  check(site) {
    const x = entryAt(site, 0);
    const row = entryAt(site, 1);
    ensureType(site, x, ...NARROW);
    ensureType(site, row, ...NARROW);
    ensureType(site, site.output, "i32");
    ensureStatic(site);
    ensureShape(site, row, ONE, columnsOf(x));
    ensureShape(site, site.output, rowsOf(x), columnsOf(x));
    ensureContains(site, x.lowest + row.lowest, x.highest + row.highest);
  },
  bind(binding) {
    const x = operand(binding, 0);
    const row = operand(binding, 1);
    return () => {
      const from = narrow(x);
      const added = narrow(row);
      const to = narrow(binding.output);
      for (let at = 0; at < to.length;) {
        for (let column = 0; column < row.columns; column++, at++) {
          to[at] = (from[at] as number) + (added[column] as number);
        }
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const x = operand(binding, 0);
      const row = operand(binding, 1);
      const [from, type] = [addressOf(x), typeCode(x.entry)];
      const [added, addedType] = [addressOf(row), typeCode(row.entry)];
      const to = addressOf(output);
      return () => {
        kernels.addTerm(from, type, to, output.elements.length, 1);
        kernels.addRow(added, addedType, to, output.rows, output.columns);
      };
    },
  },
};
