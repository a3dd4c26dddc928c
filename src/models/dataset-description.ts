import { type Hex, toHex } from "../core/bytes.ts";
import type { TensorShape } from "../core/tensor.ts";
import { keccak256 } from "../crypto/keccak.ts";

/** What people should know of a dataset, and what its files are checked against. */
export interface DatasetDescription {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** ISO 8601 date. */
  readonly datePublished: string;
  readonly creator: string;
  readonly url: string;
  /** Address of the licence's text; its keccak256 is what labels and registry carry. */
  readonly licence: string;
  /** Sample i came from `<source>#<firstSample + i>`. */
  readonly source: string;
  readonly firstSample: number;
  readonly count: number;
  /** Real bytes of a sample. */
  readonly sampleBytes: number;
  /** Labels are 0 to classes - 1. */
  readonly classes: number;
  /** What the label signatures are bound to. */
  readonly labelDomain: { readonly chainId: number; readonly verifyingContract: Hex };
}

/** The shape of the samples tensor that a manifest describes. */
export function samplesShape(description: DatasetDescription): TensorShape<"u8"> {
  return { type: "u8", rows: description.count, columns: description.sampleBytes };
}

/** The shape of the labels tensor that a manifest describes. */
export function labelsShape(description: DatasetDescription): TensorShape<"u8"> {
  return { type: "u8", rows: description.count, columns: 1 };
}

/** The hash of a licence as labels, records and registry carry it. */
export function licenceHash(licence: string): Hex {
  return hashText(licence);
}

/** The hash of where sample `index` came from. */
export function sourceHash(description: DatasetDescription, index: number): Hex {
  return hashText(`${description.source}#${description.firstSample + index}`);
}

function hashText(text: string): Hex {
  return toHex(keccak256(new TextEncoder().encode(text)));
}
