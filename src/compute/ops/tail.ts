import {
  columnsOf,
  ensureContains,
  ensureParameter,
  ensureShape,
  ensureStatic,
  ensureType,
  entryAt,
  NARROW,
  rowsOf,
} from "../checks.ts";
import { narrow, operand, type Operation, type OperationBinding } from "../operation.ts";

/** The last rows of x, as many as the output has: the end of a chain. */
export const tail: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const x = entryAt(site, 0);
    ensureType(site, x, ...NARROW);
    ensureType(site, site.output, x.type);
    ensureStatic(site);
    ensureParameter(site, site.output.rows <= x.rows, `${x.rows} rows have no last ${site.output.rows}`);
    ensureShape(site, site.output, rowsOf(site.output), columnsOf(x));
    ensureContains(site, x.lowest, x.highest);
  },
  bind: lastRows,
  kernel: { bind: lastRows },
};

function lastRows(binding: OperationBinding): () => void {
  const { output } = binding;
  const x = operand(binding, 0);
  return () => {
    narrow(output).set(narrow(x).subarray((x.rows - output.rows) * x.columns));
  };
}
