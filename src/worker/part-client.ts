import { partClaim } from "../compute/claims.ts";
import type { SignedPart } from "../compute/rounds-file.ts";
import { decodeWeights } from "../compute/weights.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { CLAIM_TYPE, type Assignment } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { requestJson } from "./json-client.ts";
import { partAnswerSchema, signedPartsAnswerSchema } from "./part-protocol.ts";
import type { SignedJournal } from "./signed-journal.ts";
import type { LoadedJob } from "./training-job.ts";

/** A compute worker as the coordinator knows it. */
export interface PartPeer {
  readonly operator: Hex;
  /** The key that its operator signs with. */
  readonly signer: Hex;
  readonly url: string;
  /** How many parts it computes at once. */
  readonly slots: number;
}

/** A part that a worker computed and signed. */
export interface ComputedPart extends SignedPart {
  /** The key that signed it. */
  readonly signer: Hex;
  readonly weights: Uint8Array;
}

/** A part whose form and signature were checked. */
export interface SoundPart extends ComputedPart {
  readonly endRoot: Hex;
}

/** A part of a round: its place, and what it starts from. */
export interface PartInput {
  /** `round * parts + part`. */
  readonly index: bigint;
  readonly startRoot: Hex;
}

/** How long to wait for a peer, and until when. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Assigns one part to a worker and waits for its result, whose signature and form are checked.
 * @throws GlassboxError a network error, or what {@link ensureSound} throws.
 */
export async function requestPart(
  job: LoadedJob,
  coordinator: SignedJournal,
  peer: PartPeer,
  part: PartInput & { readonly inputsRoot: Hex; readonly start: Uint8Array },
  patience: Patience,
): Promise<SoundPart> {
  const { index, inputsRoot, start } = part;
  const assignment: Assignment = { job: job.jobId, index, operator: peer.operator, inputsRoot };
  const answer = await requestJson({
    url: new URL("/v1/parts", peer.url).href,
    body: {
      job: job.jobId.toString(),
      index: index.toString(),
      operator: peer.operator,
      inputsRoot,
      signature: await coordinator.signAssignment(job.domain, assignment),
      weights: Buffer.from(start).toString("base64"),
    },
    schema: partAnswerSchema,
    ...patience,
  });
  const { operator, signer } = peer;
  return ensureSound(job, part, { operator, signer, signature: answer.signature, weights: answer.weights });
}

/** Asks a worker which parts of a round it has signed. @throws GlassboxError a network error, or `HTTP_PEER_INVALID`. */
export async function requestSignedParts(
  job: LoadedJob,
  peer: PartPeer,
  round: { readonly first: bigint; readonly inputsRoot: Hex },
  patience: Patience,
): Promise<bigint[]> {
  const url = new URL("/v1/parts", peer.url);
  url.searchParams.set("job", job.jobId.toString());
  url.searchParams.set("first", round.first.toString());
  url.searchParams.set("count", job.program.parts.toString());
  url.searchParams.set("inputsRoot", round.inputsRoot);
  return (await requestJson({ url: url.href, schema: signedPartsAnswerSchema, ...patience })).signed;
}

/**
 * Checks that a part's weights are a weights file of the job's program, and that its signer signed just them for just this place.
 * Whether they are the right weights, only repeating the part can tell.
 * @throws GlassboxError `WORKER_PART_MALFORMED` or `WORKER_PART_UNSIGNED`.
 */
export function ensureSound(job: LoadedJob, { index, startRoot }: PartInput, part: ComputedPart): SoundPart {
  try {
    decodeWeights(job.program, part.weights);
  } catch (cause) {
    if (!(cause instanceof GlassboxError) || cause.kind === "bug") throw cause;
    const message = `part ${index} of ${part.operator} is no weights file: ${cause.message}`;
    throw new GlassboxError("check", "WORKER_PART_MALFORMED", message, { cause });
  }
  const endRoot = fileRoot(part.weights);
  const claim = partClaim(job, { index, startRoot, endRoot });
  const signer = recoverSigner(typedDataDigest(job.domain, CLAIM_TYPE, claim), fromHex(part.signature));
  ensureCheck(
    signer !== undefined && sameAddress(signer, part.signer),
    "WORKER_PART_UNSIGNED",
    `${part.operator} did not sign what it sent for part ${index}`,
  );
  return { ...part, endRoot };
}
