/** Buckets that are kept; beyond that the oldest are forgotten, so memory stays bounded. */
const MAX_BUCKETS = 4_096;

/** A token bucket for each client. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes one token; false if there is none. `nowMs` only moves forward. */
  allows(client: string, nowMs: number): boolean {
    const known = this.#buckets.get(client) ?? { tokens: this.#burst, at: nowMs };
    const refilled = Math.min(this.#burst, known.tokens + ((nowMs - known.at) * this.#perSecond) / 1_000);
    this.#buckets.delete(client);
    this.#buckets.set(client, { tokens: Math.max(0, refilled - 1), at: nowMs });
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > MAX_BUCKETS && oldest.value !== undefined) this.#buckets.delete(oldest.value);
    return refilled >= 1;
  }
}
