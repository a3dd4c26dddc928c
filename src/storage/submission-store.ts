import type { Hex } from "../core/bytes.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { Submission } from "./submission.ts";

const NEXT_BLOCK = "cursor/next-block";

function submissionKey(index: number): string {
  return `submission/${String(index).padStart(16, "0")}`;
}

/** A deal for a submission: rows with ids in a row, whose seats can be taken until a block. */
export interface Deal {
  readonly submission: number;
  readonly firstRowId: number;
  readonly rows: number;
  readonly fillDeadlineBlock: number;
}

function dealKey(deal: Deal): string {
  return `deal/${String(deal.firstRowId).padStart(16, "0")}`;
}

/** The submissions and deals learnt from the chain, and how far the chain was read: both change in one commit. */
export class SubmissionStore {
  readonly #store: KeyValueStore;
  readonly #byIndex = new Map<number, Submission>();
  readonly #byRoot = new Map<Hex, Submission[]>();
  readonly #deals = new Map<number, Deal>();
  #nextIndex = 0;
  #nextBlock: number | undefined;

  constructor(store: KeyValueStore) {
    this.#store = store;
    for (const key of store.keys("submission/")) this.#remember(decode(store.get(key)) as Submission);
    for (const key of store.keys("deal/")) {
      const deal = decode(store.get(key)) as Deal;
      this.#deals.set(deal.firstRowId, deal);
    }
    const cursor = store.get(NEXT_BLOCK);
    if (cursor) this.#nextBlock = decode(cursor) as number;
  }

  /** First block not read yet, or none on a new store. */
  get nextBlock(): number | undefined {
    return this.#nextBlock;
  }

  /** One more than the highest known index. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  /** Adds what blocks below `nextBlock` brought, and forgets deals that are closed by then. Adding again changes nothing. */
  async add(submissions: readonly Submission[], nextBlock: number, deals: readonly Deal[] = []): Promise<void> {
    const open = deals.filter((deal) => deal.fillDeadlineBlock >= nextBlock);
    const closed = [...this.#deals.values()].filter((deal) => deal.fillDeadlineBlock < nextBlock);
    await this.#store.commit([
      ...submissions.map((item) => ({ key: submissionKey(item.index), value: encode(item) })),
      ...open.map((deal) => ({ key: dealKey(deal), value: encode(deal) })),
      ...closed.map((deal) => ({ key: dealKey(deal), value: undefined })),
      { key: NEXT_BLOCK, value: encode(nextBlock) },
    ]);
    for (const item of submissions) this.#remember(item);
    for (const deal of open) this.#deals.set(deal.firstRowId, deal);
    for (const deal of closed) this.#deals.delete(deal.firstRowId);
    this.#nextBlock = nextBlock;
  }

  /** Deals in which a seat can be taken in the block after `head`. */
  openDeals(head: number): Deal[] {
    return [...this.#deals.values()].filter((deal) => deal.fillDeadlineBlock > head);
  }

  get(index: number): Submission | undefined {
    return this.#byIndex.get(index);
  }

  /** All submissions of a root, oldest first. They may differ in byte length. */
  withRoot(root: Hex): readonly Submission[] {
    return this.#byRoot.get(root) ?? [];
  }

  #remember(submission: Submission): void {
    const known = this.#byIndex.get(submission.index);
    if (known) {
      const others = this.withRoot(known.root).filter((item) => item !== known);
      this.#byRoot.set(known.root, others);
    }
    this.#byIndex.set(submission.index, submission);
    this.#nextIndex = Math.max(this.#nextIndex, submission.index + 1);
    // In place: anybody can submit one root any number of times.
    const sameRoot = this.#byRoot.get(submission.root) ?? [];
    sameRoot.push(submission);
    this.#byRoot.set(submission.root, sameRoot);
  }
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function decode(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(bytes ?? []).toString());
}
