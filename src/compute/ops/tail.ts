import { columnsOf, ensureParameter, ensureShape, ensureStatic, movedOperand, rowsOf } from "../checks.ts";
import { narrow, operand, type Operation, type OperationBinding } from "../operation.ts";

/** The last rows of x, as many as the output has: the end of a chain. */
export const tail: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const x = movedOperand(site);
    ensureStatic(site);
    ensureParameter(site, site.output.rows <= x.rows, `${x.rows} rows have no last ${site.output.rows}`);
    ensureShape(site, site.output, rowsOf(site.output), columnsOf(x));
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
