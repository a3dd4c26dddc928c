/**
 * Runs `task` for the newest value given, never twice at once; values that come while it runs are merged into one more run.
 */
export class Coalesced<T> {
  readonly #task: (value: T) => Promise<void>;
  #next: { readonly value: T } | undefined;
  #running: Promise<void> | undefined;

  constructor(task: (value: T) => Promise<void>) {
    this.#task = task;
  }

  offer(value: T): void {
    this.#next = { value };
    this.#running ??= this.#drain();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#next) {
        const { value } = this.#next;
        this.#next = undefined;
        await this.#task(value);
      }
    } finally {
      this.#running = undefined;
    }
  }
}
