import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { verifyVote } from "../crypto/bls.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { recoverSigner } from "../crypto/signature.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";

import { keyVotesEvidence, type SignedPayload, signerVotesEvidence } from "./evidence.ts";
import type { KeyDirectory, KeyOwner } from "./key-directory.ts";
import { ensureVoteOpen, isClosed, type ServiceTerms } from "./service-home.ts";
import { positionHash, type Vote, voteDigest } from "./vote.ts";

/** One operator's vote with its signature, by either of its keys. */
export type SignedVote =
  | { readonly scheme: "secp256k1"; readonly vote: Vote; readonly signature: Uint8Array }
  | { readonly scheme: "bls"; readonly vote: Vote; readonly key: Uint8Array; readonly signature: Uint8Array };

/** Two votes of one operator for one position, as evidence that `EquivocationVerifier` accepts. */
export interface Conflict {
  readonly operator: Hex;
  readonly offenceKey: Hex;
  readonly epoch: bigint;
  readonly evidence: Hex;
}

/** What became of a vote. */
export interface VoteOutcome {
  readonly operator: Hex;
  /** False for a vote that was in the book already. */
  readonly isNew: boolean;
  readonly conflict: Conflict | undefined;
}

/** How much a book holds. */
export interface VoteBookLimits {
  /** Positions of one operator in one epoch. */
  readonly positions: number;
  /** Votes in all. */
  readonly votes: number;
}

const LIMITS: VoteBookLimits = { positions: 4_096, votes: 1_000_000 };

const PAYLOAD_BYTES = 32;
const SIGNER = "signer";

/** Whether an operator had something at stake in the service at a time: only then a verdict on it takes anything. */
export type StakeQuestion = (operator: Hex, t: bigint) => Promise<boolean>;

interface Author extends KeyOwner {
  /** Votes by one author make evidence with each other: any signers of an operator, but one BLS key. */
  readonly author: string;
}

/**
 * Keeps one vote of each operator for each position of a service, and shows a conflict as soon as a second one comes.
 *
 * Votes come from strangers: nothing is kept before its signature was checked, an operator fills its own quota only, and epochs
 * that are closed for evidence are dropped. At a position that is in the book a vote is compared even when the book is full.
 */
export class VoteBook {
  readonly #terms: ServiceTerms;
  readonly #keys: KeyDirectory;
  readonly #hasStakeAt: StakeQuestion;
  readonly #store: KeyValueStore;
  readonly #limits: VoteBookLimits;
  readonly #counts = new Map<string, number>();
  #size = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** @param store keeps the votes; what it holds already is taken over. */
  constructor(parts: {
    readonly terms: ServiceTerms;
    readonly keys: KeyDirectory;
    readonly hasStakeAt: StakeQuestion;
    readonly store: KeyValueStore;
    readonly limits?: Partial<VoteBookLimits>;
  }) {
    this.#terms = parts.terms;
    this.#keys = parts.keys;
    this.#hasStakeAt = parts.hasStakeAt;
    this.#store = parts.store;
    this.#limits = { ...LIMITS, ...parts.limits };
    for (const key of this.#store.keys(this.#prefix())) this.#count(quotaOf(key), 1);
  }

  /** Votes in the book. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes a vote; the same one again has no effect.
   * @param now the home chain's time in seconds
   * @throws GlassboxError `STAKING_VOTE_SERVICE`, `STAKING_VOTE_FUTURE`, `STAKING_VOTE_CLOSED`, `STAKING_SIGNER_UNKNOWN`,
   * `STAKING_KEY_ENDED`, `STAKING_NOTHING_AT_STAKE`, `STAKING_VOTE_INVALID`, `STAKING_BOOK_FULL`; then nothing has changed.
   */
  async take(signed: SignedVote, now: bigint): Promise<VoteOutcome> {
    ensureVoteOpen(this.#terms, signed.vote, now);
    const author = await this.#authorOf(signed);
    const isDead = author.endedAt !== 0n && author.endedAt + this.#terms.delaySeconds < now;
    ensureInput(!isDead, "STAKING_KEY_ENDED", `this key of ${author.operator} ended at ${author.endedAt}`);
    // One after another, so that of two votes that come together one finds the other.
    const taken = this.#tail.then(() => this.#take(signed, author));
    this.#tail = taken.catch(() => undefined);
    return taken;
  }

  /** Drops the votes of epochs that no evidence counts for any more. */
  async dropClosed(now: bigint): Promise<void> {
    const closed = this.#store
      .keys(this.#prefix())
      .filter((key) => isClosed(this.#terms, BigInt(quotaOf(key).split("/")[0] ?? 0), now));
    if (closed.length === 0) return;
    await this.#store.commit(closed.map((key) => ({ key, value: undefined })));
    for (const key of closed) this.#count(quotaOf(key), -1);
  }

  /** A BLS signature costs much more to check than a secp256k1 one, so an unknown key is refused before. */
  async #authorOf(signed: SignedVote): Promise<Author> {
    if (signed.scheme === "bls") {
      const owner = await this.#keys.ofKey(signed.key);
      ensureInput(owner !== undefined, "STAKING_SIGNER_UNKNOWN", "no operator has this BLS key");
      return { ...owner, author: toHex(keccak256(signed.key)) };
    }
    const signer = recoverSigner(this.#digest(signed.vote), signed.signature);
    ensureCheck(signer !== undefined, "STAKING_VOTE_INVALID", "nobody made this signature");
    const owner = await this.#keys.ofSigner(signer);
    ensureInput(owner !== undefined, "STAKING_SIGNER_UNKNOWN", `${signer} is no operator's signer`);
    return { ...owner, author: SIGNER };
  }

  async #take(signed: SignedVote, { operator, author }: Author): Promise<VoteOutcome> {
    const { vote, signature } = signed;
    const offenceKey = positionHash(vote);
    const quota = `${vote.epoch.toString().padStart(20, "0")}/${operator.toLowerCase()}`;
    const name = `${this.#prefix()}${quota}/${offenceKey}/${author}`;
    const payload = toHex(fromHex(vote.payload, PAYLOAD_BYTES));
    const known = this.#known(name);
    if (known?.payload === payload) return { operator, isNew: false, conflict: undefined };
    if (!known) {
      this.#ensureRoom(quota);
      // Asked once for an operator and epoch: anybody may register operators, and fill the book in their names.
      const hasStake =
        this.#counts.has(quota) || (await this.#hasStakeAt(operator, vote.epoch * this.#terms.epochSeconds));
      ensureInput(
        hasStake,
        "STAKING_NOTHING_AT_STAKE",
        `${operator} had nothing at stake when epoch ${vote.epoch} began`,
      );
    }
    if (signed.scheme === "bls") {
      const isVote = verifyVote(signed.key, this.#digest(vote), signature);
      ensureCheck(isVote, "STAKING_VOTE_INVALID", "the signature is not of this vote and key");
    }
    if (known) {
      const pair = [known, { payload, signature }] as const;
      const evidence =
        signed.scheme === "bls" ? keyVotesEvidence(vote, signed.key, ...pair) : signerVotesEvidence(vote, ...pair);
      return { operator, isNew: true, conflict: { operator, offenceKey, epoch: vote.epoch, evidence } };
    }
    await this.#store.commit([{ key: name, value: Buffer.concat([fromHex(payload), signature]) }]);
    this.#count(quota, 1);
    return { operator, isNew: true, conflict: undefined };
  }

  #known(name: string): SignedPayload | undefined {
    const value = this.#store.get(name);
    return value && { payload: toHex(value.subarray(0, PAYLOAD_BYTES)), signature: value.slice(PAYLOAD_BYTES) };
  }

  #ensureRoom(quota: string): void {
    const isFull = (this.#counts.get(quota) ?? 0) >= this.#limits.positions || this.#size >= this.#limits.votes;
    ensureInput(!isFull, "STAKING_BOOK_FULL", "the book takes no further position of this operator and epoch");
  }

  #count(quota: string, change: number): void {
    const count = (this.#counts.get(quota) ?? 0) + change;
    if (count === 0) this.#counts.delete(quota);
    else this.#counts.set(quota, count);
    this.#size += change;
  }

  #digest(vote: Vote): Uint8Array {
    return voteDigest(this.#terms.domain, vote);
  }

  #prefix(): string {
    const { domain, serviceId } = this.#terms;
    return `vote/${domain.chainId}/${domain.verifyingContract.toLowerCase()}/${serviceId}/`;
  }
}

/** Epoch and operator in a vote's name. */
function quotaOf(name: string): string {
  return name.split("/").slice(4, 6).join("/");
}
