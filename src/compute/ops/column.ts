import { LEAF_BYTES } from "../../core/bytes.ts";
import {
  ensureColumn,
  ensureContains,
  ensureParameter,
  ensureShape,
  ensureType,
  entryAt,
  ONE,
  rowsOf,
  TYPE_RANGES,
} from "../checks.ts";
import { narrow, operand, type Operation } from "../operation.ts";

const FIELD_BYTES = 4;

/** output[i] = the little-endian i32 at byte `first` of row i: a field of fixed-size records. */
export const column: Operation = {
  arity: [1, 1],
  parameters: ["first"],
  check(site) {
    const x = entryAt(site, 0);
    const [offset] = site.operation.arguments;
    ensureType(site, x, "u8");
    ensureType(site, site.output, "i32");
    ensureShape(site, site.output, rowsOf(x), ONE);
    ensureColumn(site, x, offset, FIELD_BYTES);
    // Whoever shows a field across leaves may have to show half of a row.
    ensureParameter(
      site,
      (offset % LEAF_BYTES) + FIELD_BYTES <= LEAF_BYTES,
      `byte ${offset} begins a field in two leaves`,
    );
    ensureContains(site, ...TYPE_RANGES.i32);
  },
  bind(binding) {
    const x = operand(binding, 0);
    const [offset] = binding.operation.arguments;
    return () => {
      const bytes = narrow(x);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const to = narrow(binding.output);
      for (let row = 0; row < x.rows; row++) to[row] = view.getInt32(row * x.stride + offset, true);
    };
  },
};
