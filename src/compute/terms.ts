import { ensureInput } from "../core/errors.ts";
import { ensureParameter, ensureShape, ensureType, fixed, ONE } from "./checks.ts";
import type { OperationSite } from "./operation.ts";
import type { TensorEntry } from "./program.ts";

/** Places in the terms: the numbers of a job that its shares depend on, all known to the chain. */
export const TERMS = {
  supply: 0,
  dataBps: 1,
  labelsBps: 2,
  computeBps: 3,
  initiatorBps: 4,
  samples: 5,
  credits: 6,
  initiatorAccount: 7,
} as const;

/** Numbers in the terms. */
export const TERMS_LENGTH = 8;

/** The greatest number in the terms, so that sums of shares fit 64 bits. */
export const MAX_TERM = 2n ** 50n - 1n;

/** What the shares of a job are computed from. */
export interface JobTerms {
  /** Base units of the version's shares, at most 2^50 - 1. */
  readonly shareSupply: bigint;
  /** Shares of data, labels, compute and initiator in 1/10,000; their sum is 10,000. */
  readonly poolsBps: readonly [number, number, number, number];
  readonly samples: number;
  /** Parts of all rounds. */
  readonly credits: number;
  /** Place of the job's opener in the accounts. */
  readonly initiatorAccount: number;
}

/**
 * The terms as elements of their tensor.
 * @throws GlassboxError `COMPUTE_TERMS_INVALID` for a number out of range or pools that are not 10,000 in sum.
 */
export function termsElements(terms: JobTerms): BigInt64Array {
  const elements = BigInt64Array.from([
    terms.shareSupply,
    ...[...terms.poolsBps, terms.samples, terms.credits, terms.initiatorAccount].map(BigInt),
  ]);
  const inRange = elements.every((element) => element >= 0n && element <= MAX_TERM);
  ensureInput(
    inRange && terms.shareSupply <= MAX_TERM,
    "COMPUTE_TERMS_INVALID",
    `terms are 0 to ${MAX_TERM}, got ${elements.join(", ")}`,
  );
  const total = terms.poolsBps.reduce((sum, bps) => sum + bps, 0);
  ensureInput(total === 10_000, "COMPUTE_TERMS_INVALID", `pools are 10000 in sum, got ${total}`);
  return elements;
}

/** Checks that an operand is the job's terms. */
export function ensureTerms(site: OperationSite, tensor: TensorEntry): void {
  ensureParameter(site, tensor.role === "terms", "this operand is the job's terms");
  ensureType(site, tensor, "i64");
  ensureShape(site, tensor, ONE, fixed(TERMS_LENGTH));
}
