import { equalBytes, fromHex, type Hex, toHex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { Eip712Domain } from "../crypto/eip712.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { positionHash, type Vote } from "../staking/vote.ts";

/**
 * Everything an operator has signed, so that it never signs two payloads for one position. What stands here is on disk before a
 * signature leaves.
 *
 * An epoch is signed in only while the journal is known to hold all of it. A journal that begins, because there was none or
 * because it was lost, knows nothing of the present epoch and of those before, so it allows none of them; nor does one that forgot
 * old epochs allow them again. All of that is one number, the *floor*: the last epoch in which nothing is signed any more.
 *
 * Warning: this protects an operator that has one journal. Two signers of one operator, each with its own, do sign conflicts; so
 * does one whose journal was set back to an earlier state.
 */
export class VoteJournal {
  readonly #store: KeyValueStore;
  readonly #prefix: string;
  #floor: bigint;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(store: KeyValueStore, prefix: string, floor: bigint) {
    this.#store = store;
    this.#prefix = prefix;
    this.#floor = floor;
  }

  /**
   * Opens the journal of one operator for all services of one home chain.
   * @param newFloor the floor of a journal that begins: the present epoch, unless the operator is sure that it signed nothing in it
   */
  static async open(store: KeyValueStore, home: Eip712Domain, operator: Hex, newFloor: bigint): Promise<VoteJournal> {
    const registry = home.verifyingContract.toLowerCase();
    const prefix = `signed/${home.chainId}/${registry}/${operator.toLowerCase()}/`;
    const floor = await store.keepFirst(`${prefix}floor`, Buffer.from(newFloor.toString()));
    return new VoteJournal(store, prefix, BigInt(Buffer.from(floor).toString()));
  }

  /** Votes of this epoch and of earlier ones are refused. */
  get floor(): bigint {
    return this.#floor;
  }

  /**
   * Allows a signature on a vote. Once this resolves, no other payload at its position will be allowed, even after a crash.
   * @throws GlassboxError `WORKER_VOTE_BELOW_FLOOR`, `WORKER_VOTE_CONFLICT`; then nothing may be signed.
   */
  allow(vote: Vote): Promise<void> {
    return this.#inTurn(() => this.#allow(vote));
  }

  /** Forgets epochs before this one, and refuses them from now on. */
  forgetBefore(epoch: bigint): Promise<void> {
    return this.#inTurn(async () => {
      const floor = epoch - 1n;
      if (floor <= this.#floor) return;
      const first = this.#epochPrefix(epoch);
      const old = this.#store.keys(`${this.#prefix}vote/`).filter((key) => key < first);
      // The floor rises with what is forgotten, in one step: there is no moment at which an epoch is forgotten and allowed.
      const raised = { key: `${this.#prefix}floor`, value: Buffer.from(floor.toString()) };
      await this.#store.commit([raised, ...old.map((key) => ({ key, value: undefined }))]);
      this.#floor = floor;
    });
  }

  async #allow(vote: Vote): Promise<void> {
    const { epoch } = vote;
    ensureCheck(epoch > this.#floor, "WORKER_VOTE_BELOW_FLOOR", `nothing is signed up to epoch ${this.#floor}`, {
      hint: "a journal that is new, or was lost, begins to sign in the next epoch",
    });
    const key = `${this.#epochPrefix(epoch)}${positionHash(vote)}`;
    const payload = fromHex(vote.payload, 32);
    const signed = await this.#store.keepFirst(key, payload);
    const isSame = equalBytes(signed, payload);
    ensureCheck(isSame, "WORKER_VOTE_CONFLICT", `another payload was signed for this position: ${toHex(signed)}`);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  #epochPrefix(epoch: bigint): string {
    return `${this.#prefix}vote/${epoch.toString().padStart(20, "0")}/`;
  }
}
