import { chunksOf, ensureAccumulator, ensureShape, ensureType, entryAt, magnitude, ONE, rowsOf } from "../checks.ts";
import { saturateWide } from "../arithmetic.ts";
import { operand, wide, type Operation } from "../operation.ts";
import { CHUNK_ELEMENTS } from "../program.ts";

/** output[k] = sat(output[k - 1] + the sum of chunk k of x): a chain of sums over 1,024 elements each. */
export const sum: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const x = entryAt(site, 0);
    ensureType(site, x, "i64");
    ensureType(site, site.output, "i64");
    ensureShape(site, x, rowsOf(x), ONE);
    ensureShape(site, site.output, chunksOf(site, rowsOf(x)), ONE);
    ensureAccumulator(site, magnitude(x) * BigInt(CHUNK_ELEMENTS) + magnitude(site.output), 64);
  },
  bind(binding) {
    const { output } = binding;
    const x = operand(binding, 0);
    return () => {
      const from = wide(x);
      const to = wide(output);
      let total = 0n;
      for (let chunk = 0; chunk < output.rows; chunk++) {
        const end = Math.min(x.rows, (chunk + 1) * CHUNK_ELEMENTS);
        for (let i = chunk * CHUNK_ELEMENTS; i < end; i++) total += from[i] as bigint;
        total = saturateWide(total, output.entry.lowest, output.entry.highest);
        to[chunk] = total;
      }
    };
  },
};
