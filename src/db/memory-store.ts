import type { KeyValueChange, KeyValueStore } from "./key-value-store.ts";

/** A store that forgets everything with its process. */
export class MemoryStore implements KeyValueStore {
  readonly #values = new Map<string, Uint8Array>();

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)?.slice();
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  keys(prefix: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  commit(changes: readonly KeyValueChange[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value.slice());
    }
    return Promise.resolve();
  }

  keepFirst(key: string, value: Uint8Array): Promise<Uint8Array> {
    const first = this.#values.get(key) ?? value.slice();
    this.#values.set(key, first);
    return Promise.resolve(first.slice());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
