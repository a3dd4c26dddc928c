import { chunksOf, ensureContains, ensureShape, ensureType, entryAt, ONE, rowsOf } from "../checks.ts";
import { operand, wide, type Operation } from "../operation.ts";
import { ensureTerms, TERMS } from "../terms.ts";

/** output = x, and the initiator gets what the supply exceeds the last row of the totals by. */
export const remainder: Operation = {
  arity: [3, 3],
  parameters: [],
  check(site) {
    const x = entryAt(site, 0);
    const totals = entryAt(site, 1);
    const terms = entryAt(site, 2);
    ensureType(site, x, "i64");
    ensureType(site, totals, "i64");
    ensureType(site, site.output, "i64");
    ensureTerms(site, terms);
    ensureShape(site, x, rowsOf(x), ONE);
    ensureShape(site, totals, chunksOf(site, rowsOf(x)), ONE);
    ensureShape(site, site.output, rowsOf(x), ONE);
    ensureContains(site, x.lowest, x.highest + terms.highest - totals.lowest);
  },
  bind(binding) {
    const x = operand(binding, 0);
    const totals = operand(binding, 1);
    const terms = operand(binding, 2);
    return () => {
      const to = wide(binding.output);
      const given = wide(terms);
      to.set(wide(x));
      const rest = (given[TERMS.supply] as bigint) - (wide(totals)[totals.rows - 1] as bigint);
      const initiator = given[TERMS.initiatorAccount] as bigint;
      if (rest <= 0n || initiator >= BigInt(to.length)) return;
      to[Number(initiator)] = (to[Number(initiator)] as bigint) + rest;
    };
  },
};
