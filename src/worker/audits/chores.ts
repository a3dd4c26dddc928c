/** What is not done is looked at again after twice as long, up to so many times the first wait. */
const MAX_WAIT = 16;

/** One thing that is looked at until it is done. */
interface Chore {
  /** @returns whether it is done */
  readonly look: () => Promise<boolean>;
  wait: number;
  due: number;
  running: Promise<void> | undefined;
}

/** Things that take several looks, hours apart. Each is looked at by one task at a time. */
export class Chores {
  readonly #waitMs: number;
  readonly #onError: (name: string, error: unknown) => void;
  readonly #chores = new Map<string, Chore>();

  constructor(waitMs: number, onError: (name: string, error: unknown) => void) {
    this.#waitMs = waitMs;
    this.#onError = onError;
  }

  /** Takes a chore, unless one of this name is being looked after. */
  add(name: string, look: () => Promise<boolean>): void {
    if (!this.#chores.has(name)) this.#chores.set(name, { look, wait: this.#waitMs, due: 0, running: undefined });
  }

  /** Looks at everything that is due. */
  tick(): void {
    const now = performance.now();
    for (const [name, chore] of this.#chores) {
      if (chore.running === undefined && chore.due <= now) chore.running = this.#look(name, chore);
    }
  }

  /** Resolves when nothing is being looked at. */
  async idle(): Promise<void> {
    await Promise.all([...this.#chores.values()].flatMap(({ running }) => running ?? []));
  }

  async #look(name: string, chore: Chore): Promise<void> {
    let isDone = false;
    try {
      isDone = await chore.look();
    } catch (error) {
      this.#onError(name, error);
    }
    if (isDone) this.#chores.delete(name);
    chore.wait = Math.min(2 * chore.wait, MAX_WAIT * this.#waitMs);
    chore.due = performance.now() + chore.wait;
    chore.running = undefined;
  }
}
