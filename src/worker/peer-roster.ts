import type { Hex } from "../core/bytes.ts";
import type { PartPeer } from "./part-client.ts";

/** A worker that failed once is left alone for so long; every further failure in a row makes it four times as long. */
const REST_MS = 2_000;
const MAX_REST_MS = 600_000;
/** How long a worker may take for one part while nobody has shown how long it takes. */
const PART_TIMEOUT_MS = 120_000;
/** A worker may take so many times as long as the slowest that did its part. */
const PATIENCE = 10;
const MIN_TIMEOUT_MS = 30_000;

interface Record {
  readonly failures: number;
  readonly failedAt: number;
}

/**
 * Who may get the next part. Whoever was silent, slow or lied rests, longer each time, so that it can hold up a job only now and then;
 * if nobody else is there, the resting ones are asked again.
 */
export class PeerRoster {
  readonly #clock: () => number;
  readonly #busy = new Set<Hex>();
  readonly #failed = new Map<Hex, Record>();
  #slowestMs: number | undefined;

  /** @param clock milliseconds that only grow */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** How long to wait for a part: whole milliseconds. */
  get timeoutMs(): number {
    if (this.#slowestMs === undefined) return PART_TIMEOUT_MS;
    return Math.ceil(Math.min(PART_TIMEOUT_MS, Math.max(MIN_TIMEOUT_MS, PATIENCE * this.#slowestMs)));
  }

  /** The peers that may get a part now. */
  free(peers: readonly PartPeer[]): PartPeer[] {
    const now = this.#clock();
    const idle = peers.filter(({ operator }) => !this.#busy.has(operator));
    const rested = idle.filter((peer) => now >= this.#restsUntil(peer, MAX_REST_MS));
    if (rested.length > 0 || this.#busy.size > 0) return rested;
    return idle.filter((peer) => now >= this.#restsUntil(peer, REST_MS));
  }

  /** Notes that a peer has a part. @returns what to call when it is done with it, or failed */
  begin({ operator }: PartPeer): (isDone: boolean) => void {
    const begunAt = this.#clock();
    this.#busy.add(operator);
    return (isDone) => {
      this.#busy.delete(operator);
      const now = this.#clock();
      if (isDone) {
        this.#failed.delete(operator);
        this.#slowestMs = Math.max(this.#slowestMs ?? 0, now - begunAt);
      } else {
        this.#failed.set(operator, { failures: (this.#failed.get(operator)?.failures ?? 0) + 1, failedAt: now });
      }
    };
  }

  #restsUntil({ operator }: PartPeer, maxMs: number): number {
    const record = this.#failed.get(operator);
    if (!record) return Number.NEGATIVE_INFINITY;
    return record.failedAt + Math.min(maxMs, REST_MS * 4 ** (record.failures - 1));
  }
}
