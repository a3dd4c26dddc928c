/** A value that is costly to get: asked for at most once in a while, however many want it. */
export class Remembered<T> {
  readonly #forMs: number;
  readonly #ask: () => Promise<T>;
  #known: { readonly value: Promise<T>; readonly at: number } | undefined;

  constructor(forMs: number, ask: () => Promise<T>) {
    this.#forMs = forMs;
    this.#ask = ask;
  }

  /** The value, at most as old as it may be. A failure is not remembered. */
  get(): Promise<T> {
    const now = performance.now();
    if (this.#known && now - this.#known.at < this.#forMs) return this.#known.value;
    const asked = { value: this.#ask(), at: now };
    this.#known = asked;
    asked.value.catch(() => {
      if (this.#known === asked) this.#known = undefined;
    });
    return asked.value;
  }
}
