import type { Hex } from "../core/bytes.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { Submission } from "./submission.ts";

const NEXT_BLOCK = "cursor/next-block";

function submissionKey(index: number): string {
  return `submission/${String(index).padStart(16, "0")}`;
}

/** The submissions learnt from the chain, and how far the chain was read: both change in one commit. */
export class SubmissionStore {
  readonly #store: KeyValueStore;
  readonly #byIndex = new Map<number, Submission>();
  readonly #byRoot = new Map<Hex, Submission[]>();
  #nextBlock: number | undefined;

  constructor(store: KeyValueStore) {
    this.#store = store;
    for (const key of store.keys("submission/")) this.#remember(decode(store.get(key)) as Submission);
    const cursor = store.get(NEXT_BLOCK);
    if (cursor) this.#nextBlock = decode(cursor) as number;
  }

  /** First block not read yet, or none on a new store. */
  get nextBlock(): number | undefined {
    return this.#nextBlock;
  }

  /** One more than the highest known index. */
  get nextIndex(): number {
    return Math.max(-1, ...this.#byIndex.keys()) + 1;
  }

  /** Adds what blocks below `nextBlock` brought. Adding a submission again changes nothing. */
  async add(submissions: readonly Submission[], nextBlock: number): Promise<void> {
    const changes = submissions.map((item) => ({ key: submissionKey(item.index), value: encode(item) }));
    await this.#store.commit([...changes, { key: NEXT_BLOCK, value: encode(nextBlock) }]);
    for (const item of submissions) this.#remember(item);
    this.#nextBlock = nextBlock;
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
    if (known)
      this.#byRoot.set(
        known.root,
        this.withRoot(known.root).filter((item) => item !== known),
      );
    this.#byIndex.set(submission.index, submission);
    this.#byRoot.set(submission.root, [...this.withRoot(submission.root), submission]);
  }
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function decode(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(bytes ?? []).toString());
}
