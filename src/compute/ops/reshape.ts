import { ensureParameter, ensureStatic, movedOperand } from "../checks.ts";
import { narrow, operand, type Operation, type OperationBinding } from "../operation.ts";

/** The same elements, row by row, in rows of another length. */
export const reshape: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const x = movedOperand(site);
    const { rows, columns } = site.output;
    ensureStatic(site);
    ensureParameter(
      site,
      rows * columns === x.rows * x.columns,
      `${x.rows} x ${x.columns} elements cannot become ${rows} x ${columns}`,
    );
  },
  bind: copied,
  kernel: { bind: copied },
};

function copied(binding: OperationBinding): () => void {
  const x = operand(binding, 0);
  return () => {
    narrow(binding.output).set(narrow(x));
  };
}
