/** What is wrong with one thing that a process depends on; undefined if nothing is. */
export type HealthCheck = () => string | undefined;

/** What a process says of its health. */
export interface HealthReport {
  readonly status: "ok" | "failing" | "draining";
  /** By what it depends on: "ok", or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What a process depends on, and whether it has it. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #clock: () => number;
  #isDraining = false;

  /** @param clock milliseconds that only grow */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Adds a check until the signal aborts. */
  add(name: string, check: HealthCheck, signal: AbortSignal): void {
    this.#checks.set(name, check);
    signal.addEventListener("abort", () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    });
  }

  /**
   * Adds something that has to happen again and again, until the signal aborts.
   * @returns what to call each time it has happened
   */
  expect(name: string, everyMs: number, signal: AbortSignal): () => void {
    let last = this.#clock();
    const check = (): string | undefined => {
      const silentMs = this.#clock() - last;
      return silentMs <= everyMs ? undefined : `nothing for ${Math.round(silentMs / 1_000)} s`;
    };
    this.add(name, check, signal);
    return () => {
      last = this.#clock();
    };
  }

  /** Says from now on that the process finishes what it has, and takes nothing new. */
  drain(): void {
    this.#isDraining = true;
  }

  report(): HealthReport {
    const checks = Object.fromEntries([...this.#checks].map(([name, check]) => [name, check() ?? "ok"]));
    const isOk = Object.values(checks).every((result) => result === "ok");
    return { status: this.#isDraining ? "draining" : isOk ? "ok" : "failing", checks };
  }
}

/** The health of this process. */
export const health = new Health();
