import type { Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { parseEvent, type EventArguments } from "../chain/events.ts";
import { followLogs } from "../chain/logs.ts";
import type { Logger } from "../telemetry/logger.ts";
import { reportChain } from "./chain-health.ts";

/** The events of jobs that processes follow. */
type JobEvent = "JobOpened" | "JobJoined" | "JobClaimed";

/** How a process reads the chain. */
export interface ChainFollowing {
  readonly contracts: Contracts;
  readonly provider: Provider;
  /** The deployment's first block. */
  readonly fromBlock: number;
  readonly pollMs: number;
  readonly logger: Logger;
}

/**
 * Follows one kind of event of the job registry until the signal aborts, and has the process report whether the chain answers. Yields what each
 * range of new blocks has, which may be nothing; what a reorganisation brings again is yielded again.
 * @param indexed what the event's indexed arguments have to be; null stands for anything
 */
export async function* followJobEvents<Name extends JobEvent>(
  { contracts: { JobRegistry }, provider, fromBlock, pollMs, logger }: ChainFollowing,
  name: Name,
  signal: AbortSignal,
  indexed: readonly (string | null)[] = [],
): AsyncGenerator<EventArguments<Contracts["JobRegistry"], Name>[]> {
  const topics = JobRegistry.interface.encodeFilterTopics(name, indexed);
  const query = { address: await JobRegistry.getAddress(), topics };
  const onError = (error: unknown): void => {
    logger.warn({ err: error, event: name }, "following the chain failed; trying again");
  };
  const onPoll = reportChain(signal);
  for await (const { logs } of followLogs(provider, query, fromBlock, { signal, pollMs, onError, onPoll })) {
    yield logs.map((log) => parseEvent(log, JobRegistry, name)).filter((event) => event !== undefined);
  }
}
