import {
  chainReach,
  chunksIn,
  ensureAccumulator,
  ensureContains,
  ensureShape,
  ensureShift,
  ensureStatic,
  fixed,
  productOperands,
  roundingTerm,
  rowsOf,
  sumReach,
} from "../checks.ts";
import { dotProduct, roundingShift } from "../arithmetic.ts";
import { narrow, operand, type Operation } from "../operation.ts";
import { chainOfRows } from "../wasm/products.ts";
import { CHUNK_ELEMENTS } from "../program.ts";

/**
 * A product of a with b transposed whose sums are longer than 1,024: a chain, where block e of the output is the block before it plus
 * rshr(sum over k in chunk e of a[i][k] * b[j][k], shift). The last block is the whole sum.
 */
export const accumulate: Operation = {
  arity: [2, 2],
  parameters: ["shift"],
  check(site) {
    const [a, b] = productOperands(site);
    ensureStatic(site);
    ensureShape(site, site.output, fixed(chunksIn(a.columns) * a.rows), rowsOf(b));
    ensureShift(site);
    const { shift } = site.operation;
    ensureAccumulator(site, sumReach(a, b) + roundingTerm(shift));
    const reach = chainReach(a, b, shift);
    ensureContains(site, -reach, reach);
  },
  bind(binding) {
    const { output, operation } = binding;
    const a = operand(binding, 0);
    const b = operand(binding, 1);
    const inner = a.columns;
    return () => {
      const left = narrow(a);
      const right = narrow(b);
      const to = narrow(output);
      const block = a.rows * b.rows;
      for (let at = 0; at < to.length; at++) {
        const start = Math.floor(at / block) * CHUNK_ELEMENTS;
        const row = Math.floor(at / b.rows) % a.rows;
        const count = Math.min(inner - start, CHUNK_ELEMENTS);
        const sum = dotProduct(left, row * inner + start, right, (at % b.rows) * inner + start, count);
        to[at] = roundingShift(sum, operation.shift) + (at < block ? 0 : (to[at - block] as number));
      }
    };
  },
  kernel: chainOfRows,
};
