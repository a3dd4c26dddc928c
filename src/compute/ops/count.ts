import {
  chunksOf,
  columnsOf,
  ensureContains,
  ensureParameter,
  ensureShape,
  ensureType,
  entryAt,
  ONE,
  rowsOf,
} from "../checks.ts";
import { narrow, operand, type Operation } from "../operation.ts";
import { CHUNK_ELEMENTS } from "../program.ts";

/**
 * output[k][a] = how many of the first 1,024 (k + 1) indices are a: a chain, where row k reads chunk k and row k - 1.
 * Indices outside the columns count for nobody.
 */
export const count: Operation = {
  arity: [1, 1],
  parameters: [],
  check(site) {
    const indices = entryAt(site, 0);
    ensureType(site, indices, "i32");
    ensureType(site, site.output, "i32");
    ensureShape(site, indices, rowsOf(indices), ONE);
    ensureParameter(site, site.output.columnExtent === "accounts", "the columns are the job's accounts");
    ensureShape(site, site.output, chunksOf(site, rowsOf(indices)), columnsOf(site.output));
    ensureContains(site, 0n, BigInt(indices.rows));
  },
  bind(binding) {
    const { output } = binding;
    const indices = operand(binding, 0);
    return () => {
      const from = narrow(indices);
      const to = narrow(output);
      const { columns } = output;
      for (let chunk = 0; chunk < output.rows; chunk++) {
        const at = chunk * columns;
        if (chunk === 0) to.fill(0, 0, columns);
        else to.copyWithin(at, at - columns, at);
        const end = Math.min(indices.rows, (chunk + 1) * CHUNK_ELEMENTS);
        for (let i = chunk * CHUNK_ELEMENTS; i < end; i++) {
          const index = from[i] as number;
          if (index >= 0 && index < columns) to[at + index] = (to[at + index] as number) + 1;
        }
      }
    };
  },
};
