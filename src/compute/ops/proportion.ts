import { columnsOf, ensureParameter, ensureShape, ensureType, entryAt, ONE } from "../checks.ts";
import { saturateWide } from "../arithmetic.ts";
import { narrow, operand, wide, type Operation } from "../operation.ts";
import { ensureTerms, TERMS } from "../terms.ts";

const BPS = 10_000n;

/**
 * output[a] = sat(floor(floor(supply * pool / 10,000) * counts[last][a] / total)), 0 if the total is 0:
 * one pool of the shares, by the last row of a chain of counts. `first` and `second` are the places of pool and total in the terms.
 */
export const proportion: Operation = {
  arity: [2, 2],
  parameters: ["first", "second"],
  check(site) {
    const counts = entryAt(site, 0);
    const [pool, total] = site.operation.arguments;
    ensureType(site, counts, "i32");
    ensureParameter(site, counts.lowest >= 0n, "counts are not negative");
    ensureTerms(site, entryAt(site, 1));
    ensureType(site, site.output, "i64");
    ensureShape(site, site.output, columnsOf(counts), ONE);
    ensureParameter(site, site.output.lowest === 0n, "shares are not negative");
    ensureParameter(site, pool >= TERMS.dataBps && pool <= TERMS.initiatorBps, `the terms have no pool ${pool}`);
    ensureParameter(site, total === TERMS.samples || total === TERMS.credits, `the terms have no total ${total}`);
  },
  bind(binding) {
    const { output } = binding;
    const counts = operand(binding, 0);
    const terms = operand(binding, 1);
    const [poolAt, totalAt] = binding.operation.arguments;
    return () => {
      const given = wide(terms);
      const pool = ((given[TERMS.supply] as bigint) * (given[poolAt] as bigint)) / BPS;
      const total = given[totalAt] as bigint;
      const from = narrow(counts);
      const to = wide(output);
      const last = (counts.rows - 1) * counts.columns;
      for (let account = 0; account < output.rows; account++) {
        const share = total === 0n ? 0n : (pool * BigInt(from[last + account] as number)) / total;
        to[account] = saturateWide(share, output.entry.lowest, output.entry.highest);
      }
    };
  },
};
