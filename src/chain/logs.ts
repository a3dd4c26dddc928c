import { setTimeout as sleep } from "node:timers/promises";

import type { Provider, TopicFilter } from "ethers";
import type { Log } from "ethers";

import { chainError } from "./revert.ts";

/** The most blocks one `eth_getLogs` call spans: what common endpoints allow. */
const PAGE_BLOCKS = 2_000;
/** Blocks that are read again when the chain was reorganised. */
const REORGANISED_BLOCKS = 64;
/** How often a chain that goes on failing is told of. */
const TELL_MS = 30_000;

/** What to read: the addresses and topics of the wanted events. */
export interface LogQuery {
  readonly address: string | string[];
  readonly topics: TopicFilter;
}

/** Reads all logs of `[fromBlock, toBlock]` in order, page by page. */
export async function readLogs(
  provider: Provider,
  query: LogQuery,
  fromBlock: number,
  toBlock: number,
): Promise<Log[]> {
  const logs: Log[] = [];
  for (let start = fromBlock; start <= toBlock; start += PAGE_BLOCKS) {
    const end = Math.min(toBlock, start + PAGE_BLOCKS - 1);
    try {
      logs.push(...(await provider.getLogs({ ...query, fromBlock: start, toBlock: end })));
    } catch (error) {
      throw chainError(error);
    }
  }
  return logs;
}

/** A range of blocks that was read. */
export interface LogRange {
  readonly logs: Log[];
  readonly toBlock: number;
  /** The chain's newest block: beyond `toBlock` while the follower catches up. */
  readonly head: number;
}

/**
 * Follows a chain: yields the new logs of each range of new blocks with the range's last block, for ever.
 * A range without logs is yielded too, so that a follower can act once a block.
 * Ends when `signal` aborts. A failing endpoint is asked again, for fewer blocks; the caller sees no gap. If the last block read is no
 * longer in the chain, the blocks before it are read again: a caller must take what it got twice as once, and the later word as true.
 */
export async function* followLogs(
  provider: Provider,
  query: LogQuery,
  fromBlock: number,
  options: {
    readonly signal: AbortSignal;
    readonly pollMs: number;
    /** Called when the chain begins to fail, and every half minute that it goes on failing. */
    onError(error: unknown): void;
    /** Called whenever the chain has answered, also if it has no new block. */
    readonly onPoll?: (head: number) => void;
  },
): AsyncGenerator<LogRange> {
  let next = fromBlock;
  let page = PAGE_BLOCKS;
  let toldAt: number | undefined;
  let last: { readonly number: number; readonly hash: string | null } | undefined;
  while (!options.signal.aborted) {
    try {
      const head = await provider.getBlockNumber();
      options.onPoll?.(head);
      if (last && (await provider.getBlock(last.number))?.hash !== last.hash) {
        next = Math.max(0, last.number + 1 - REORGANISED_BLOCKS);
        last = undefined;
      }
      if (head >= next) {
        const toBlock = Math.min(head, next + page - 1);
        // Before the logs: if they are of another fork, this block is found to be gone next time.
        const block = await provider.getBlock(toBlock);
        const logs = await readLogs(provider, query, next, toBlock);
        next = toBlock + 1;
        page = Math.min(PAGE_BLOCKS, 2 * page);
        last = block ? { number: toBlock, hash: block.hash } : undefined;
        toldAt = undefined;
        yield { logs, toBlock, head };
        continue;
      }
    } catch (error) {
      // Some endpoints refuse ranges with too many logs, and anybody can cause logs.
      page = Math.max(1, Math.floor(page / 2));
      if (toldAt === undefined || performance.now() - toldAt >= TELL_MS) {
        toldAt = performance.now();
        options.onError(error);
      }
    }
    await sleep(options.pollMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
