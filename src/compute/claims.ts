import { toHex, type Hex } from "../core/bytes.ts";
import { encodeTensor } from "../core/tensor.ts";
import { fileRoot, rootList } from "../crypto/file-tree.ts";
import { CLAIM_KINDS, type Claim } from "../crypto/messages.ts";

const NO_TRACE = toHex(new Uint8Array(32));

/** What all claims of a job name. */
export interface ClaimedJob {
  readonly jobId: bigint;
  readonly programRoot: Hex;
  readonly datasetRoot: Hex;
}

/** What a part of a round was computed from and to. */
export interface PartStatement {
  /** `round * parts + part`. */
  readonly index: bigint;
  /** Root of the weights file at the start of the round. */
  readonly startRoot: Hex;
  /** Root of the weights file at the end of the part. */
  readonly endRoot: Hex;
}

/** The claim that an operator signs for one part: its trace is made only when somebody doubts it. */
export function partClaim({ jobId, programRoot, datasetRoot }: ClaimedJob, part: PartStatement): Claim {
  return {
    kind: CLAIM_KINDS.part,
    job: jobId,
    index: part.index,
    program: programRoot,
    inputsRoot: partInputsRoot(part.startRoot, datasetRoot),
    outputsRoot: part.endRoot,
    traceRoot: NO_TRACE,
  };
}

/** The inputs of a part as one root: what an assignment names. */
export function partInputsRoot(startRoot: Hex, datasetRoot: Hex): Hex {
  return rootList([startRoot, datasetRoot]);
}

/** What a model said to one query, and which model: what anyone who has the model's files can repeat. */
export interface PublicAnswer {
  readonly programRoot: Hex;
  readonly weightsRoot: Hex;
  /** The bytes of one row of the program's query. */
  readonly query: Uint8Array;
  /** The one element of the inference's output. */
  readonly answer: number;
}

/** The file of a query. */
export function queryFile(query: Uint8Array): Uint8Array {
  return encodeTensor({ type: "u8", rows: 1, columns: query.length }, Uint8Array.from(query));
}

/** The claim that an operator signs for one answer: its inputs and its output are tensors, whose files have these roots. */
export function answerClaim({ programRoot, weightsRoot, query, answer }: PublicAnswer): Claim {
  const answerFile = encodeTensor({ type: "i32", rows: 1, columns: 1 }, Int32Array.of(answer));
  return {
    kind: CLAIM_KINDS.answer,
    job: 0n,
    index: 0n,
    program: programRoot,
    inputsRoot: rootList([weightsRoot, fileRoot(queryFile(query))]),
    outputsRoot: fileRoot(answerFile),
    traceRoot: NO_TRACE,
  };
}

/** The output files of a job, in the order in which claim, contract and storage name them. */
export const JOB_OUTPUTS = ["weights", "allocation", "trace", "credits", "accounts", "rounds"] as const;

/** One of a job's output files. */
export type JobOutput = (typeof JOB_OUTPUTS)[number];

/** The claim that a job's author signs: the trace stands apart, all other outputs are one root list. */
export function jobClaim(
  { jobId, programRoot, datasetRoot, seedHex }: ClaimedJob & { readonly seedHex: Hex },
  outputs: Readonly<Record<JobOutput, Hex>>,
): Claim {
  const { weights, allocation, credits, accounts, rounds, trace } = outputs;
  return {
    kind: CLAIM_KINDS.job,
    job: jobId,
    index: 0n,
    program: programRoot,
    inputsRoot: rootList([datasetRoot, seedHex]),
    outputsRoot: rootList([weights, allocation, credits, accounts, rounds]),
    traceRoot: trace,
  };
}
