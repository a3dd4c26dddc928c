import type { Hex } from "../core/bytes.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";

/**
 * Keeps the files that signed answers were made from, by their roots: programs, weights and queries. Whoever doubts an answer is
 * answered with everything that was computed from them, also when the model is not served any more.
 */
export class AnswerInputs {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Keeps files; they survive the death of the process once this resolves. */
  async keep(files: readonly (readonly [root: Hex, file: Uint8Array])[]): Promise<void> {
    const entries = files.map(([root, value]) => ({ key: keyOf(root), value }));
    const unknown = entries.filter(({ key }) => !this.#store.has(key));
    if (unknown.length > 0) await this.#store.commit(unknown);
  }

  /** The file of a root, if an answer was signed that was made from it. */
  read(root: Hex): Uint8Array | undefined {
    return this.#store.get(keyOf(root));
  }
}

function keyOf(root: Hex): string {
  return `answered/${root.toLowerCase()}`;
}
