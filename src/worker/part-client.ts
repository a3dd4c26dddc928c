import { partClaim } from "../compute/claims.ts";
import type { SignedPart } from "../compute/rounds-file.ts";
import { decodeWeights } from "../compute/weights.ts";
import { fromHex, toHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import { ASSIGNMENT_TYPE, CLAIM_TYPE, type Assignment } from "../crypto/messages.ts";
import { recoverSigner, signDigest } from "../crypto/signature.ts";
import { requestJson } from "./json-client.ts";
import { partAnswerSchema } from "./part-protocol.ts";
import type { LoadedJob } from "./training-job.ts";

/** A compute worker as the coordinator knows it. */
export interface PartPeer {
  readonly operator: Hex;
  /** The key that its operator signs with. */
  readonly signer: Hex;
  readonly url: string;
}

/** A part that a worker computed and signed. */
export interface ComputedPart extends SignedPart {
  /** The key that signed it. */
  readonly signer: Hex;
  readonly weights: Uint8Array;
}

/** A part of a round: its place, and what it starts from. */
export interface PartInput {
  /** `round * parts + part`. */
  readonly index: bigint;
  readonly startRoot: Hex;
}

/**
 * Assigns one part to a worker and waits for its result, whose signature and form are checked.
 * @throws GlassboxError a network error, or what {@link ensureSound} throws.
 */
export async function requestPart(
  job: LoadedJob,
  coordinator: UnlockedKey,
  peer: PartPeer,
  part: PartInput & { readonly inputsRoot: Hex; readonly start: Uint8Array },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ComputedPart> {
  const { index, inputsRoot, start } = part;
  const assignment: Assignment = { job: job.jobId, index, operator: peer.operator, inputsRoot };
  const answer = await requestJson({
    url: new URL("/v1/parts", peer.url).href,
    body: {
      job: job.jobId.toString(),
      index: index.toString(),
      operator: peer.operator,
      inputsRoot,
      signature: toHex(signDigest(typedDataDigest(job.domain, ASSIGNMENT_TYPE, assignment), coordinator.secretKey)),
      weights: Buffer.from(start).toString("base64"),
    },
    schema: partAnswerSchema,
    timeoutMs,
    signal,
  });
  const { operator, signer } = peer;
  const computed = { operator, signer, signature: answer.signature, weights: answer.weights };
  ensureSound(job, part, computed);
  return computed;
}

/**
 * Checks that a part's weights are a weights file of the job's program, and that its signer signed just them for just this place.
 * Whether they are the right weights, only repeating the part can tell.
 * @throws GlassboxError `WORKER_PART_MALFORMED` or `WORKER_PART_UNSIGNED`.
 */
export function ensureSound(job: LoadedJob, { index, startRoot }: PartInput, part: ComputedPart): void {
  try {
    decodeWeights(job.program, part.weights);
  } catch (cause) {
    if (!(cause instanceof GlassboxError) || cause.kind === "bug") throw cause;
    const message = `part ${index} of ${part.operator} is no weights file: ${cause.message}`;
    throw new GlassboxError("check", "WORKER_PART_MALFORMED", message, { cause });
  }
  const claim = partClaim({
    jobId: job.jobId,
    program: job.programRoot,
    datasetRoot: job.datasetRoot,
    index,
    startRoot,
    endRoot: fileRoot(part.weights),
  });
  const signer = recoverSigner(typedDataDigest(job.domain, CLAIM_TYPE, claim), fromHex(part.signature));
  ensureCheck(
    signer !== undefined && sameAddress(signer, part.signer),
    "WORKER_PART_UNSIGNED",
    `${part.operator} did not sign what it sent for part ${index}`,
  );
}
