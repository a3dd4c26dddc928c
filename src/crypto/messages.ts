import { type Eip712Message, eip712Type } from "./eip712.ts";

/**
 * The messages people and workers sign. Each is verified by one contract, whose address is the domain's `verifyingContract`.
 */

/** "This program on these inputs gives these outputs, and the trace commits the way." Verified by `JobRegistry`. */
export const CLAIM_TYPE = eip712Type("Claim", {
  kind: "uint8",
  job: "uint256",
  index: "uint256",
  program: "bytes32",
  inputsRoot: "bytes32",
  outputsRoot: "bytes32",
  traceRoot: "bytes32",
});
/** The author's statement about a job, a part or an answer. */
export type Claim = Eip712Message<typeof CLAIM_TYPE.members>;

/** What a claim is about. */
export const CLAIM_KINDS = { job: 0, part: 1, answer: 2 } as const;

/** A part of a job handed to an operator before the work starts. Verified by `JobRegistry`. */
export const ASSIGNMENT_TYPE = eip712Type("Assignment", {
  job: "uint256",
  index: "uint256",
  operator: "address",
  inputsRoot: "bytes32",
});
/** The lease holder's promise of one part to one operator. */
export type Assignment = Eip712Message<typeof ASSIGNMENT_TYPE.members>;

/** A labeller's word on one sample. Verified by `DatasetRegistry`. */
export const LABEL_TYPE = eip712Type("Label", {
  contentSha256: "bytes32",
  labelHash: "bytes32",
  sourceHash: "bytes32",
  licenceHash: "bytes32",
});
/** "The sample of this content, from this source and under this licence, has this label." */
export type Label = Eip712Message<typeof LABEL_TYPE.members>;

/** A consumer's cumulative promise to pay a provider. Verified by `Settlement`. */
export const VOUCHER_TYPE = eip712Type("Voucher", {
  consumer: "address",
  provider: "address",
  versionId: "uint256",
  priceVersion: "uint32",
  units: "uint64",
  cumulativeFeeWei: "uint256",
  requestsRoot: "bytes32",
});
/** The newest state of the channel (consumer, provider, model version, price version). */
export type Voucher = Eip712Message<typeof VOUCHER_TYPE.members>;

/** "I hold the secret of this BLS key." Signed by the key, verified by `OperatorRegistry`. */
export const POSSESSION_TYPE = eip712Type("PossessionProof", { operator: "address", key: "bytes" });
