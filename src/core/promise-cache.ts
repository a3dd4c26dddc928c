/** Keeps what was costly to get: each value is made once for as long as it is among the last that were asked for. */
export class PromiseCache<Key, Value> {
  readonly #max: number;
  /** The one that was asked for longest ago comes first. */
  readonly #values = new Map<Key, Promise<Value>>();

  /** @param max how many values are kept */
  constructor(max: number) {
    this.#max = max;
  }

  /** The value of a key: the one that is kept, or else what `make` gives. A failure is not kept. */
  get(key: Key, make: () => Promise<Value>): Promise<Value> {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    value.catch(() => {
      if (this.#values.get(key) === value) this.#values.delete(key);
    });
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#max && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }

  /** Has the value made anew when it is asked for next. */
  forget(key: Key): void {
    this.#values.delete(key);
  }
}
