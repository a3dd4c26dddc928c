import type { BaseContract, Log, Provider } from "ethers";

import { ensureInput } from "../core/errors.ts";
import { type EventArguments, parseEvent } from "./events.ts";
import type { LogQuery } from "./logs.ts";
import { readChain } from "./read.ts";
import { chainError } from "./revert.ts";

/** Fewer blocks than these are not asked for at once: what common endpoints allow. */
const PAGE_BLOCKS = 2_000;
/** The most calls of one search, and the most events that one may find. */
const MAX_CALLS = 1_000;
const MAX_EVENTS = 1_024;

/** A chain to search, from a block on. */
export interface History {
  readonly provider: Provider;
  readonly fromBlock: number;
}

/**
 * Finds the events of one account, among all that a contract has emitted.
 * @param indexed the values of the event's indexed parameters; null for any.
 * @throws GlassboxError `CHAIN_SEARCH_TOO_LONG` if that takes too many calls or finds too much, or why the endpoint refuses a page.
 */
export async function findEvents<C extends BaseContract, Name extends keyof C["filters"] & string>(
  contract: C,
  { provider, fromBlock }: History,
  name: Name,
  indexed: readonly (string | null)[],
): Promise<EventArguments<C, Name>[]> {
  const [address, head] = await readChain(Promise.all([contract.getAddress(), provider.getBlockNumber()]));
  const topics = contract.interface.encodeFilterTopics(name, [...indexed]);
  const logs = await searchLogs(provider, { address, topics }, fromBlock, head);
  return logs.map((log) => parseEvent(log, contract, name)).filter((event) => event !== undefined);
}

/** Asks for everything at once, and for as few blocks as the endpoint wants if it refuses. */
async function searchLogs(provider: Provider, query: LogQuery, fromBlock: number, toBlock: number): Promise<Log[]> {
  const logs: Log[] = [];
  let span = toBlock - fromBlock + 1;
  let calls = 0;
  for (let start = fromBlock; start <= toBlock;) {
    const isBounded = calls++ < MAX_CALLS && logs.length <= MAX_EVENTS;
    ensureInput(isBounded, "CHAIN_SEARCH_TOO_LONG", `blocks ${fromBlock} to ${toBlock} are too much to search`, {
      details: { fromBlock, toBlock, reachedBlock: start, found: logs.length },
      hint: "begin at a later block, or ask an endpoint that searches more blocks at once",
    });
    const end = Math.min(toBlock, start + span - 1);
    try {
      logs.push(...(await provider.getLogs({ ...query, fromBlock: start, toBlock: end })));
      start = end + 1;
    } catch (error) {
      if (span <= PAGE_BLOCKS) throw chainError(error);
      span = Math.max(PAGE_BLOCKS, Math.floor(span / 4));
    }
  }
  return logs;
}
