import { elementBytes } from "../../core/tensor.ts";
import { columnsOf, ensureColumn, ensureContains, ensureShape, movedOperand, rowsOf } from "../checks.ts";
import { addressOf, narrow, operand, type Operation } from "../operation.ts";

/** output = x with column `first` set to `second`: how a constant input, the bias, enters a layer. */
export const setColumn: Operation = {
  arity: [1, 1],
  parameters: ["first", "second"],
  check(site) {
    const x = movedOperand(site);
    const [column, value] = site.operation.arguments;
    ensureShape(site, site.output, rowsOf(x), columnsOf(x));
    ensureColumn(site, x, column);
    ensureContains(site, BigInt(value), BigInt(value));
  },
  bind(binding) {
    const { operation, output } = binding;
    const x = operand(binding, 0);
    const [column, value] = operation.arguments;
    return () => {
      const elements = narrow(output);
      elements.set(narrow(x));
      for (let at = column; at < elements.length; at += output.columns) elements[at] = value;
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { operation, output } = binding;
      const [from, to] = [addressOf(operand(binding, 0)), addressOf(output)];
      const [column, value] = operation.arguments;
      const size = elementBytes(output.entry.type);
      return () => {
        kernels.setColumn(from, size, to, output.rows, output.columns, column, value);
      };
    },
  },
};
