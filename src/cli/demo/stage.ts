import { setTimeout as sleep } from "node:timers/promises";

import { GlassboxError } from "../../core/errors.ts";
import type { Network } from "../network/network.ts";

const POLL_MS = 200;

/** What one step of the demo cost. */
export interface StepCost {
  readonly step: string;
  readonly seconds: number;
  readonly gas: bigint;
}

/** Where the demo tells what it does and keeps account of time and gas. */
export class Stage {
  readonly costs: StepCost[] = [];
  readonly signal: AbortSignal;
  readonly #say: (line: string) => void;

  constructor(signal: AbortSignal, say: (line: string) => void) {
    this.signal = signal;
    this.#say = say;
  }

  /** Tells what happens inside a step. */
  tell(line: string): void {
    this.#say(`   ${line}`);
  }

  /** Runs a step; its gas is that of all blocks that were mined meanwhile. */
  async step<T>(title: string, network: Network | undefined, work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const started = performance.now();
    const from = network ? await network.chain.provider.getBlockNumber() : 0;
    this.#say(`${this.costs.length + 1}. ${title}`);
    const result = await work();
    const seconds = (performance.now() - started) / 1_000;
    const gas = network ? await gasSince(network, from) : 0n;
    this.costs.push({ step: title, seconds, gas });
    return result;
  }

  /** Asks until the answer is there. @throws GlassboxError `DEMO_TIMEOUT`. */
  async until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + seconds * 1_000;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (Date.now() > deadline) {
        throw new GlassboxError("bug", "DEMO_TIMEOUT", `waited ${seconds} s in vain for ${what}`);
      }
      await sleep(POLL_MS, undefined, { signal: this.signal });
    }
  }
}

/** Gas of all blocks after `block`. */
async function gasSince(network: Network, block: number): Promise<bigint> {
  const { provider } = network.chain;
  const head = await provider.getBlockNumber();
  let gas = 0n;
  for (let number = block + 1; number <= head; number++) gas += (await provider.getBlock(number))?.gasUsed ?? 0n;
  return gas;
}
