import { ensureInput, ensureInvariant } from "../core/errors.ts";
import { RECORD_BYTES } from "../core/record-layout.ts";
import { decodeTensor, encodeTensor, type TensorShape } from "../core/tensor.ts";
import type { Program } from "./program.ts";
import { SectionRun } from "./section-run.ts";
import { termsElements, type JobTerms } from "./terms.ts";

/** What a job's shares are computed from. */
export interface AllocationInputs {
  /** The dataset's records file: 256 bytes a sample. */
  readonly records: Uint8Array;
  /** The credits file, see {@link encodeCredits}. */
  readonly credits: Uint8Array;
  /** Entries of the job's accounts file. */
  readonly accounts: number;
  readonly terms: JobTerms;
}

/** The credits file: for part p of round r, at place r x parts + p, who computed it, as place in the job's accounts. */
export function encodeCredits(accounts: readonly number[]): Uint8Array {
  return encodeTensor(creditsShape(accounts.length), Int32Array.from(accounts));
}

/** The places in the accounts of a credits file. */
export function decodeCredits(file: Uint8Array, credits: number): Int32Array {
  return decodeTensor(creditsShape(credits), file);
}

/** The allocation file: i64 [accounts][1], what each account gets of the share supply. */
export function encodeAllocation(amounts: BigInt64Array): Uint8Array {
  return encodeTensor(allocationShape(amounts.length), amounts);
}

/** The amounts of an allocation file. */
export function decodeAllocation(file: Uint8Array, accounts: number): BigInt64Array {
  return decodeTensor(allocationShape(accounts), file);
}

/**
 * The shares of each account, as the program's `allocate` section computes them.
 * Data and labels go by records, compute by credits; what rounding and unknown accounts leave goes to the initiator with its pool.
 */
export function allocateShares(program: Program, inputs: AllocationInputs): BigInt64Array {
  const { records, terms, accounts } = inputs;
  ensureInput(
    records.length === terms.samples * RECORD_BYTES,
    "COMPUTE_DATA_MISMATCH",
    `${terms.samples} records take ${terms.samples * RECORD_BYTES} bytes, got ${records.length}`,
  );
  ensureInput(
    terms.initiatorAccount < accounts,
    "COMPUTE_TERMS_INVALID",
    `account ${terms.initiatorAccount} of ${accounts} does not exist`,
  );
  const run = new SectionRun(program, "allocate", { samples: terms.samples, credits: terms.credits, accounts });
  run.give("records", 0, new Uint8Array(records.buffer, records.byteOffset, records.byteLength));
  run.give("credits", 0, decodeCredits(inputs.credits, terms.credits));
  run.give("terms", 0, termsElements(terms));
  run.run();
  const amounts = run.output(0);
  ensureInvariant(amounts instanceof BigInt64Array, "COMPUTE_TYPE_UNEXPECTED", "shares are i64");
  return amounts.slice();
}

function creditsShape(credits: number): TensorShape<"i32"> {
  return { type: "i32", rows: credits, columns: 1 };
}

function allocationShape(accounts: number): TensorShape<"i64"> {
  return { type: "i64", rows: accounts, columns: 1 };
}
