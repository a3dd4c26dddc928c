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
  /** Parts that each peer has. */
  readonly #busy = new Map<Hex, number>();
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

  /** The peers that may get a part now, once for each part that they may get; those that have the fewest parts come first. */
  free(peers: readonly PartPeer[]): PartPeer[] {
    const now = this.#clock();
    const rested = peers.filter((peer) => now >= this.#restsUntil(peer, MAX_REST_MS));
    const free = this.#slots(rested);
    if (free.length > 0 || this.#busy.size > 0) return free;
    return this.#slots(peers.filter((peer) => now >= this.#restsUntil(peer, REST_MS)));
  }

  /** Notes that a peer has a part. @returns what to call when it is done with it, or failed */
  begin({ operator }: PartPeer): (isDone: boolean) => void {
    const begunAt = this.#clock();
    this.#busy.set(operator, this.#partsOf(operator) + 1);
    return (isDone) => {
      const left = this.#partsOf(operator) - 1;
      if (left > 0) this.#busy.set(operator, left);
      else this.#busy.delete(operator);
      const now = this.#clock();
      if (isDone) {
        this.#failed.delete(operator);
        this.#slowestMs = Math.max(this.#slowestMs ?? 0, now - begunAt);
      } else {
        this.#failed.set(operator, { failures: (this.#failed.get(operator)?.failures ?? 0) + 1, failedAt: now });
      }
    };
  }

  /** Each peer as often as it has room, in the order in which the parts are to be spread. */
  #slots(peers: readonly PartPeer[]): PartPeer[] {
    const slots = peers.flatMap((peer) => {
      const busy = this.#partsOf(peer.operator);
      return Array.from({ length: Math.max(0, peer.slots - busy) }, (_, i) => ({ peer, load: busy + i }));
    });
    return slots.sort((a, b) => a.load - b.load).map(({ peer }) => peer);
  }

  #partsOf(operator: Hex): number {
    return this.#busy.get(operator) ?? 0;
  }

  #restsUntil({ operator }: PartPeer, maxMs: number): number {
    const record = this.#failed.get(operator);
    if (!record) return Number.NEGATIVE_INFINITY;
    return record.failedAt + Math.min(maxMs, REST_MS * 4 ** (record.failures - 1));
  }
}
