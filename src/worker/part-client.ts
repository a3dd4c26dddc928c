import { partClaim } from "../compute/claims.ts";
import type { SignedPart } from "../compute/rounds-file.ts";
import { fromHex, toHex, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import { ASSIGNMENT_TYPE, CLAIM_TYPE, type Assignment } from "../crypto/messages.ts";
import { recoverSigner, signDigest } from "../crypto/signature.ts";
import { requestJson } from "./json-client.ts";
import { partAnswerSchema } from "./part-protocol.ts";
import type { LoadedJob } from "./training-job.ts";

/** How long a worker may take for one part. */
const PART_TIMEOUT_MS = 120_000;

/** A compute worker as the coordinator knows it. */
export interface PartPeer {
  readonly operator: Hex;
  /** The key that its operator signs with. */
  readonly signer: Hex;
  readonly url: string;
}

/** A part that a worker computed and signed. */
export interface ComputedPart extends SignedPart {
  readonly weights: Uint8Array;
}

/**
 * Assigns one part to a worker and waits for its result, whose signature is checked.
 * @throws GlassboxError a network error, or `WORKER_PART_UNSIGNED` if the worker's operator did not sign what it sent.
 */
export async function requestPart(
  job: LoadedJob,
  coordinator: UnlockedKey,
  peer: PartPeer,
  part: { readonly index: bigint; readonly inputsRoot: Hex; readonly startRoot: Hex; readonly start: Uint8Array },
  signal: AbortSignal,
): Promise<ComputedPart> {
  const { index, inputsRoot, startRoot, start } = part;
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
    timeoutMs: PART_TIMEOUT_MS,
    signal,
  });
  const claim = partClaim({
    jobId: job.jobId,
    program: job.programRoot,
    datasetRoot: job.datasetRoot,
    index,
    startRoot,
    endRoot: fileRoot(answer.weights),
  });
  const signer = recoverSigner(typedDataDigest(job.domain, CLAIM_TYPE, claim), fromHex(answer.signature));
  ensureCheck(
    signer !== undefined && sameAddress(signer, peer.signer),
    "WORKER_PART_UNSIGNED",
    `${peer.url} did not sign the part it sent`,
  );
  return { operator: peer.operator, signature: answer.signature, weights: answer.weights };
}
