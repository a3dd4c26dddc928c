import type { SeedChain } from "./keeper-ports.ts";

/** Blocks whose hash the chain still knows. */
export const SEED_WINDOW = 256;

/** Sees to it that seeds are on chain. Any number of callers may ask for the same block at once. */
export class SeedRecorder {
  readonly #chain: SeedChain;
  readonly #running = new Map<number, Promise<boolean>>();

  constructor(chain: SeedChain) {
    this.#chain = chain;
  }

  /**
   * @param head the chain's newest block
   * @returns false if the block is not there yet, or is too old to be recorded
   */
  async ensure(block: number, head: number): Promise<boolean> {
    if (block > head) return false;
    let running = this.#running.get(block);
    if (!running) {
      running = this.#record(block, head).finally(() => this.#running.delete(block));
      this.#running.set(block, running);
    }
    return running;
  }

  async #record(block: number, head: number): Promise<boolean> {
    if (await this.#chain.isRecorded(block)) return true;
    if (head - block >= SEED_WINDOW) return false;
    try {
      await this.#chain.record(block);
      return true;
    } catch (error) {
      // Another worker may have been first.
      if (await this.#chain.isRecorded(block)) return true;
      throw error;
    }
  }
}
