import { equalBytes, fromHex, toHex, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { typedDataDigest, type Eip712Domain } from "../crypto/eip712.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import { ASSIGNMENT_TYPE, CLAIM_TYPE, type Assignment, type Claim } from "../crypto/messages.ts";
import { signDigest } from "../crypto/signature.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { partConflicts } from "./worker-metrics.ts";

/** A part as a claim names it: its place in the job, and what it was computed by and from. */
export interface PartName {
  readonly domain: Eip712Domain;
  readonly jobId: bigint;
  readonly program: Hex;
  readonly index: bigint;
  readonly inputsRoot: Hex;
}

/**
 * Signs claims and assignments with one key, and keeps everything it has signed. What is signed stands on disk before the signature
 * leaves, and of one part, that is place, program and inputs, or of one query to a model, no two results are ever signed: whoever signs a second one answers for both.
 *
 * Warning: this protects a key that has one journal. Two processes with the same key and a journal each do not know of each other.
 */
export class SignedJournal {
  readonly #store: KeyValueStore;
  readonly #signer: UnlockedKey;

  constructor(store: KeyValueStore, signer: UnlockedKey) {
    this.#store = store;
    this.#signer = signer;
  }

  /** Who signs. */
  get address(): Hex {
    return this.#signer.address;
  }

  /**
   * Signs the claim of a part.
   * @throws GlassboxError `WORKER_PART_CONFLICT` if another result of the part was signed before; nothing is signed then.
   */
  async signPart(domain: Eip712Domain, claim: Claim): Promise<Hex> {
    const { job: jobId, program, index, inputsRoot } = claim;
    const name = { domain, jobId, program, index, inputsRoot };
    const result = fromHex(claim.outputsRoot, 32);
    const signed = await this.#store.keepFirst(this.#partKey(name), result);
    const isSame = equalBytes(signed, result);
    if (!isSame) partConflicts.inc();
    ensureCheck(
      isSame,
      "WORKER_PART_CONFLICT",
      `part ${claim.index} of job ${claim.job} gave ${claim.outputsRoot}, but ${toHex(signed)} was signed for it before`,
      { hint: "parts are deterministic: this machine's memory or processor may be failing" },
    );
    return this.#sign(typedDataDigest(domain, CLAIM_TYPE, claim));
  }

  /** The result that was signed for a part. */
  signedResult(name: PartName): Hex | undefined {
    const signed = this.#store.get(this.#partKey(name));
    return signed && toHex(signed);
  }

  /**
   * Signs the claim of an answer.
   * @throws GlassboxError `WORKER_ANSWER_CONFLICT` if another answer to the query was signed before; nothing is signed then.
   */
  async signAnswer(domain: Eip712Domain, claim: Claim): Promise<Hex> {
    const { program, inputsRoot, outputsRoot } = claim;
    const result = fromHex(outputsRoot, 32);
    const signed = await this.#store.keepFirst(`${this.#prefix(domain)}answer/${program}/${inputsRoot}`, result);
    ensureCheck(
      equalBytes(signed, result),
      "WORKER_ANSWER_CONFLICT",
      `program ${program} gave ${outputsRoot} for ${inputsRoot}, but ${toHex(signed)} was signed for it before`,
      { hint: "answers are deterministic: this machine's memory or processor may be failing" },
    );
    return this.#sign(typedDataDigest(domain, CLAIM_TYPE, claim));
  }

  /** Signs the claim of a whole job. Another one of the same job may follow: of a claim that was refuted, or never posted. */
  signJobClaim(domain: Eip712Domain, claim: Claim): Promise<Hex> {
    const digest = typedDataDigest(domain, CLAIM_TYPE, claim);
    return this.#keepAndSign(`${this.#prefix(domain)}claim/${padded(claim.job)}/${toHex(digest)}`, digest);
  }

  /** Signs the assignment of a part. The same part may be assigned to others too: the first may be gone. */
  signAssignment(domain: Eip712Domain, assignment: Assignment): Promise<Hex> {
    const { job, index, operator, inputsRoot } = assignment;
    const digest = typedDataDigest(domain, ASSIGNMENT_TYPE, assignment);
    const place = `assignment/${padded(job)}/${padded(index)}/${operator.toLowerCase()}/${inputsRoot}`;
    return this.#keepAndSign(`${this.#prefix(domain)}${place}`, digest);
  }

  async #keepAndSign(key: string, digest: Uint8Array): Promise<Hex> {
    if (!this.#store.has(key)) await this.#store.commit([{ key, value: digest }]);
    return this.#sign(digest);
  }

  #sign(digest: Uint8Array): Hex {
    return toHex(signDigest(digest, this.#signer.secretKey));
  }

  #partKey({ domain, jobId, program, index, inputsRoot }: PartName): string {
    return `${this.#prefix(domain)}part/${padded(jobId)}/${padded(index)}/${program}/${inputsRoot}`;
  }

  #prefix({ chainId, verifyingContract }: Eip712Domain): string {
    return `signed/${chainId}/${verifyingContract.toLowerCase()}/${this.#signer.address.toLowerCase()}/`;
  }
}

function padded(number: bigint): string {
  return number.toString().padStart(20, "0");
}
