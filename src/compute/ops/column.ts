import { ensureContains, ensureParameter, ensureShape, ensureType, entryAt, ONE, rowsOf } from "../checks.ts";
import { narrow, operand, type Operation } from "../operation.ts";

/** output[i] = element `first` of row i: a field of fixed-size records. */
export const column: Operation = {
  arity: [1, 1],
  parameters: ["first"],
  check(site) {
    const x = entryAt(site, 0);
    const [place] = site.operation.arguments;
    ensureType(site, x, "i8", "u8", "i16", "i32");
    ensureType(site, site.output, x.type);
    ensureShape(site, site.output, rowsOf(x), ONE);
    ensureParameter(site, place >= 0 && place < x.columns, `column ${place} of ${x.columns} does not exist`);
    ensureContains(site, x.lowest, x.highest);
  },
  bind(binding) {
    const x = operand(binding, 0);
    const [place] = binding.operation.arguments;
    return () => {
      const from = narrow(x);
      const to = narrow(binding.output);
      for (let row = 0; row < x.rows; row++) to[row] = from[row * x.stride + place] as number;
    };
  },
};
