import { RECORD_BYTES, RECORD_OFFSETS } from "../core/record-layout.ts";
import { SectionBuilder, type TensorHandle } from "./program-builder.ts";
import { CHUNK_ELEMENTS } from "./program.ts";
import { MAX_TERM, TERMS, TERMS_LENGTH } from "./terms.ts";

/** Limits of a job, so that counts and sums are bounded. */
const MAX_ALLOCATION_SAMPLES = 2 ** 24;
const MAX_ACCOUNTS = 2 ** 20;
const MAX_CREDITS = 2 ** 20;

const SHARE = 2n ** 50n;
const ACCOUNTS = { rows: MAX_ACCOUNTS, columns: 1, rowExtent: "accounts" } as const;

/** The shares of everybody: data and labels by records, compute by credited parts, the rest to the initiator. */
export function allocationSection(): SectionBuilder {
  const section = new SectionBuilder("allocate");
  const records = section.tensor({
    role: "records",
    type: "u8",
    rows: MAX_ALLOCATION_SAMPLES,
    columns: RECORD_BYTES,
    rowExtent: "samples",
  });
  const credits = section.tensor({ role: "credits", type: "i32", rows: MAX_CREDITS, columns: 1, rowExtent: "credits" });
  const terms = section.tensor({ role: "terms", type: "i64", rows: 1, columns: TERMS_LENGTH, bounds: [0n, MAX_TERM] });
  const field = (byteOffset: number): TensorHandle =>
    section.operation(
      "column",
      [records],
      { type: "i32", rows: MAX_ALLOCATION_SAMPLES, columns: 1, rowExtent: "samples" },
      { arguments: [byteOffset, 0] },
    );
  const pool = (indices: TensorHandle, bps: number, total: number): TensorHandle => {
    const { rows } = indices.entry;
    const counts = section.operation("count", [indices], {
      type: "i32",
      rows: Math.ceil(rows / CHUNK_ELEMENTS),
      rowExtent: indices === credits ? "creditChunks" : "sampleChunks",
      columns: MAX_ACCOUNTS,
      columnExtent: "accounts",
      bounds: [0, rows],
    });
    const shares = { type: "i64", ...ACCOUNTS, bounds: [0n, SHARE - 1n] } as const;
    return section.operation("proportion", [counts, terms], shares, { arguments: [bps, total] });
  };
  const data = pool(field(RECORD_OFFSETS.contributor), TERMS.dataBps, TERMS.samples);
  const labels = pool(field(RECORD_OFFSETS.labeller), TERMS.labelsBps, TERMS.samples);
  const compute = pool(credits, TERMS.computeBps, TERMS.credits);
  const earned = section.operation("add", [data, labels, compute], {
    type: "i64",
    ...ACCOUNTS,
    bounds: [0n, 3n * (SHARE - 1n)],
  });
  const totals = section.operation("sum", [earned], {
    type: "i64",
    rows: MAX_ACCOUNTS / CHUNK_ELEMENTS,
    columns: 1,
    rowExtent: "accountChunks",
    bounds: [0n, SHARE - 1n],
  });
  section.operation("remainder", [earned, totals, terms], {
    type: "i64",
    ...ACCOUNTS,
    bounds: [0n, 4n * SHARE],
    output: 0,
  });
  return section;
}
