import { setTimeout as sleep } from "node:timers/promises";

import type { Provider, TopicFilter } from "ethers";
import type { Log } from "ethers";

import { chainError } from "./revert.ts";

/** The most blocks one `eth_getLogs` call spans: what common endpoints allow. */
const PAGE_BLOCKS = 2_000;

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

/**
 * Follows a chain: yields the new logs of each range of new blocks with the range's last block, for ever.
 * A range without logs is yielded too, so that a follower can act once a block.
 * Ends when `signal` aborts. A failing endpoint is asked again; the caller sees no gap.
 */
export async function* followLogs(
  provider: Provider,
  query: LogQuery,
  fromBlock: number,
  options: { readonly signal: AbortSignal; readonly pollMs: number; onError(error: unknown): void },
): AsyncGenerator<{ readonly logs: Log[]; readonly toBlock: number }> {
  let next = fromBlock;
  while (!options.signal.aborted) {
    try {
      const head = await provider.getBlockNumber();
      if (head >= next) {
        const logs = await readLogs(provider, query, next, head);
        next = head + 1;
        yield { logs, toBlock: head };
        continue;
      }
    } catch (error) {
      options.onError(error);
    }
    await sleep(options.pollMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
