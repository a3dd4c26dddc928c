import type { KeyValueStore } from "../db/key-value-store.ts";
import type { Hex } from "../core/bytes.ts";
import { fileRoot } from "../crypto/file-tree.ts";

/** Results that are kept, of at most a few megabytes each. */
const MAX_RESULTS = 1_024;
const PREFIX = "result/";

/**
 * Keeps the newest weights files that a worker computed, by root, so that it can give them again, also to another coordinator and after a restart.
 * What is no longer here is computed again.
 */
export class PartResults {
  readonly #store: KeyValueStore;
  readonly #maxResults: number;
  /** Keys by root, in the order in which the results came. */
  readonly #keys: Map<string, string>;
  #next: number;

  constructor(store: KeyValueStore, maxResults = MAX_RESULTS) {
    this.#store = store;
    this.#maxResults = maxResults;
    const keys = store.keys(PREFIX);
    this.#keys = new Map(keys.map((key) => [key.slice(key.lastIndexOf("/") + 1), key]));
    this.#next = Number(keys.at(-1)?.split("/")[1] ?? -1) + 1;
  }

  async keep(root: Hex, weights: Uint8Array): Promise<void> {
    if (this.#keys.has(root)) return;
    const key = `${PREFIX}${(this.#next++).toString().padStart(12, "0")}/${root}`;
    this.#keys.set(root, key);
    const old = [...this.#keys].slice(0, Math.max(0, this.#keys.size - this.#maxResults));
    for (const [name] of old) this.#keys.delete(name);
    await this.#store.commit([
      { key, value: weights },
      ...old.map(([, oldKey]) => ({ key: oldKey, value: undefined })),
    ]);
  }

  /** The file with this root, if it is kept, and if the disk still has it as it was. */
  find(root: Hex): Uint8Array | undefined {
    const key = this.#keys.get(root);
    const weights = key === undefined ? undefined : this.#store.get(key);
    return weights && fileRoot(weights) === root ? weights : undefined;
  }
}
