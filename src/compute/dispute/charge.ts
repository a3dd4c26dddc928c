import { LEAF_BYTES } from "../../core/bytes.ts";
import { ACCOUNT_BYTES } from "../../core/record-layout.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import { traceSlots } from "../trace.ts";
import type { Section } from "../program.ts";
import type { OpenedLeaf } from "./author-moves.ts";
import type { ClaimedFile } from "./claimed-file.ts";

/** What is shown against a job claim without a game over an execution; the names of the contract's `Fault`, in its order. */
export const FAULTS = ["final", "continuity", "unused", "credit", "account", "round"] as const;

/** An execution of a job whose output is not the claimed one. */
export interface Accusation {
  readonly section: Section;
  readonly round: number;
  readonly part: number;
  readonly start: OpenedLeaf;
  readonly end: OpenedLeaf;
}

/** A fault with its proof: the fields of the contract's struct of the same name. */
export type Fault =
  | { readonly fault: "final"; readonly proof: { readonly last: OpenedLeaf } }
  | {
      readonly fault: "continuity";
      readonly proof: { readonly round: number; readonly end: OpenedLeaf; readonly next: OpenedLeaf };
    }
  | { readonly fault: "unused"; readonly proof: { readonly slot: number; readonly leaf: OpenedLeaf } }
  | {
      readonly fault: "credit";
      readonly proof: {
        readonly index: number;
        readonly credit: OpenedLeaf;
        readonly entry: OpenedLeaf;
        readonly start: OpenedLeaf;
        readonly end: OpenedLeaf;
      };
    }
  | {
      readonly fault: "account";
      readonly proof: { readonly index: number; readonly account: OpenedLeaf; readonly dataset: OpenedLeaf };
    }
  | {
      readonly fault: "round";
      readonly proof: {
        readonly leafIndex: number;
        readonly leaf: OpenedLeaf;
        readonly start: OpenedLeaf;
        readonly weights: OpenedLeaf;
      };
    };

/** The first thing that is wrong with a claim. */
export type Charge = { readonly accusation: Accusation } | Fault;

/** A leaf that a proof has no use for. */
const NO_LEAF: OpenedLeaf = { leaf: "0x", siblings: [] };

const ROOTS_PER_LEAF = LEAF_BYTES / HASH_BYTES;
const CREDITS_PER_LEAF = LEAF_BYTES / 4;
const ACCOUNTS_PER_LEAF = LEAF_BYTES / ACCOUNT_BYTES;

/** A claim as far as it is needed to find what is wrong with it. Files know what they have to be. */
export interface DoubtedClaim {
  readonly rounds: number;
  /** Parts of a round. */
  readonly parts: number;
  readonly trace: ClaimedFile;
  /** Whether the claim's weights are those that training ends with. */
  readonly isFinal: boolean;
  /** The first part whose credit is not backed by a signature of an operator of the job. */
  readonly unbacked: number | undefined;
  readonly credits: ClaimedFile;
  /** The places of the job's operators in the accounts: from the first one up to one beyond the last. */
  readonly operatorPlaces: readonly [number, number];
  readonly accounts: ClaimedFile;
  /** The dataset's own accounts file. */
  readonly datasetAccounts: ClaimedFile;
  readonly datasetAccountCount: number;
  /** With the entries as its author made them. */
  readonly roundsFile: ClaimedFile;
  /** Bytes of a weights file. */
  readonly weightsBytes: number;
  /** A leaf of the weights that a round starts from, against their root. */
  weightsLeaf(round: number, leaf: number): OpenedLeaf;
  readonly isAllocated: boolean;
}

/**
 * The first thing that is wrong with a claim, in the order in which it was computed: trace, weights, credits, accounts, rounds,
 * allocation. Undefined if nothing is.
 * @throws LeafNeeded if the author has to show a leaf to find it.
 */
export function firstCharge(claim: DoubtedClaim): Charge | undefined {
  const { rounds, parts, trace } = claim;
  const traceLeaf = trace.firstDifference();
  if (traceLeaf !== undefined) return traceCharge(claim, traceLeaf);
  if (!claim.isFinal) return { fault: "final", proof: { last: trace.open(leafOf(rounds * traceSlots(parts))) } };
  return creditCharge(claim) ?? accountCharge(claim) ?? roundCharge(claim) ?? allocationCharge(claim);
}

/** The accusation of one part: for whoever knows that a root is wrong. */
export function partAccusation(
  { trace, parts }: Pick<DoubtedClaim, "trace" | "parts">,
  round: number,
  part: number,
): Accusation {
  const first = round * traceSlots(parts);
  const end = first + 1 + part;
  return {
    section: "step",
    round,
    part,
    start: trace.open(leafOf(first)),
    end: leafOf(end) === leafOf(first) ? NO_LEAF : trace.open(leafOf(end)),
  };
}

function traceCharge(claim: DoubtedClaim, leaf: number): Charge {
  const { rounds, parts, trace } = claim;
  const slots = traceSlots(parts);
  const slot = leaf * ROOTS_PER_LEAF + trace.firstElement(leaf, HASH_BYTES);
  const round = Math.floor(slot / slots);
  const place = slot % slots;
  if (slot > rounds * slots || place > parts) return { fault: "unused", proof: { slot, leaf: trace.open(leaf) } };
  if (place > 0) return { accusation: partAccusation(claim, round, place - 1) };
  const end = trace.open(leaf);
  if (round === 0) return { accusation: { section: "init", round, part: 0, start: NO_LEAF, end } };
  if (parts > 1) return { accusation: { section: "average", round: round - 1, part: 0, start: NO_LEAF, end } };
  const before = leafOf(slot - slots + 1);
  const next = before === leaf ? NO_LEAF : end;
  return { fault: "continuity", proof: { round: round - 1, end: trace.open(before), next } };
}

function creditCharge(claim: DoubtedClaim): Charge | undefined {
  const { rounds, parts, credits, roundsFile, weightsBytes, unbacked } = claim;
  const leaf = unbacked === undefined ? credits.firstDifference() : undefined;
  const index = unbacked ?? (leaf === undefined ? undefined : leaf * CREDITS_PER_LEAF + credits.firstElement(leaf, 4));
  if (index === undefined) return undefined;
  const credit = credits.open(Math.floor(index / CREDITS_PER_LEAF));
  const place = Buffer.from(credit.leaf.slice(2), "hex").readInt32LE((index % CREDITS_PER_LEAF) * 4);
  const [first, end] = claim.operatorPlaces;
  if (index >= rounds * parts || place < first || place >= end) {
    return { fault: "credit", proof: { index, credit, entry: NO_LEAF, start: NO_LEAF, end: NO_LEAF } };
  }
  const entry = roundsFile.open((rounds * weightsBytes) / LEAF_BYTES + index);
  const accusation = partAccusation(claim, Math.floor(index / parts), index % parts);
  return { fault: "credit", proof: { index, credit, entry, start: accusation.start, end: accusation.end } };
}

function accountCharge({ accounts, datasetAccounts, datasetAccountCount }: DoubtedClaim): Charge | undefined {
  const leaf = accounts.firstDifference();
  if (leaf === undefined) return undefined;
  const index = leaf * ACCOUNTS_PER_LEAF + accounts.firstElement(leaf, ACCOUNT_BYTES);
  const dataset = index < datasetAccountCount ? datasetAccounts.open(leaf) : NO_LEAF;
  return { fault: "account", proof: { index, account: accounts.open(leaf), dataset } };
}

function roundCharge(claim: DoubtedClaim): Charge | undefined {
  const { rounds, roundsFile, weightsBytes, trace, parts } = claim;
  const leafIndex = roundsFile.firstDifference();
  if (leafIndex === undefined) return undefined;
  const leaf = roundsFile.open(leafIndex);
  const leaves = weightsBytes / LEAF_BYTES;
  const round = Math.floor(leafIndex / leaves);
  if (round >= rounds) return { fault: "round", proof: { leafIndex, leaf, start: NO_LEAF, weights: NO_LEAF } };
  const start = trace.open(leafOf(round * traceSlots(parts)));
  return { fault: "round", proof: { leafIndex, leaf, start, weights: claim.weightsLeaf(round, leafIndex % leaves) } };
}

function allocationCharge({ isAllocated }: DoubtedClaim): Charge | undefined {
  if (isAllocated) return undefined;
  return { accusation: { section: "allocate", round: 0, part: 0, start: NO_LEAF, end: NO_LEAF } };
}

function leafOf(slot: number): number {
  return Math.floor(slot / ROOTS_PER_LEAF);
}
