import { columnsOf, ensureContains, ensureShape, ensureType, entryAt, NARROW, rowsOf } from "../checks.ts";
import { addressOf, narrow, operand, typeCode, wide, type Operation, type OperationBinding } from "../operation.ts";

/** output = a + b, or a + b + c. */
export const add: Operation = {
  arity: [2, 3],
  parameters: [],
  check(site) {
    const first = entryAt(site, 0);
    const isWide = site.output.type === "i64";
    ensureType(site, site.output, "i32", "i64");
    for (const term of site.operands) {
      ensureType(site, term, ...(isWide ? (["i64"] as const) : NARROW));
      ensureShape(site, term, rowsOf(first), columnsOf(first));
    }
    ensureShape(site, site.output, rowsOf(first), columnsOf(first));
    const lowest = site.operands.reduce((sum, term) => sum + term.lowest, 0n);
    const highest = site.operands.reduce((sum, term) => sum + term.highest, 0n);
    ensureContains(site, lowest, highest);
  },
  bind(binding) {
    return binding.output.entry.type === "i64"
      ? () => {
          addWide(binding);
        }
      : () => {
          addNarrow(binding);
        };
  },
  kernel: {
    bind({ output, operands }, kernels) {
      const to = addressOf(output);
      const count = output.elements.length;
      const terms = operands.map((term) => [addressOf(term), typeCode(term.entry)] as const);
      return () => {
        terms.forEach(([from, type], index) => {
          kernels.addTerm(from, type, to, count, index === 0 ? 1 : 0);
        });
      };
    },
  },
};

function addNarrow(binding: OperationBinding): void {
  const to = narrow(binding.output);
  to.set(narrow(operand(binding, 0)));
  for (const term of binding.operands.slice(1)) {
    const from = narrow(term);
    for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + (from[i] as number);
  }
}

function addWide(binding: OperationBinding): void {
  const to = wide(binding.output);
  to.set(wide(operand(binding, 0)));
  for (const term of binding.operands.slice(1)) {
    const from = wide(term);
    for (let i = 0; i < to.length; i++) to[i] = (to[i] as bigint) + (from[i] as bigint);
  }
}
