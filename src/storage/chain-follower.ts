import type { Log, Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { parseEvent } from "../chain/events.ts";
import { followLogs } from "../chain/logs.ts";
import type { Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import type { Deal, SubmissionStore } from "./submission-store.ts";
import { submissionFromEvent, type Submission } from "./submission.ts";

/** What a follower needs. */
export interface FollowerParts {
  readonly provider: Provider;
  readonly contracts: Contracts;
  readonly store: SubmissionStore;
  /** First block to read on an empty store. */
  readonly fromBlock: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  /** Called after each range of blocks was stored; `isNewest` once nothing is left to catch up with. */
  readonly onBlock: (block: number, isNewest: boolean) => void;
  readonly onProblem: (message: string, error: unknown) => void;
  /** Called with the chain's newest block whenever the chain has answered. */
  readonly onPoll: (head: number) => void;
}

/** Learns submissions and deals from the chain's logs until the signal aborts. Continues where the store ends. */
export async function followFlow(parts: FollowerParts): Promise<void> {
  const { contracts, store, signal, pollMs, onProblem } = parts;
  const { Flow, Market } = contracts;
  const [flow, market] = await Promise.all([Flow.getAddress(), Market.getAddress()]);
  const topics = [[Flow.interface.getEvent("Submit").topicHash, Market.interface.getEvent("DealOpened").topicHash]];
  const ranges = followLogs(parts.provider, { address: [flow, market], topics }, store.nextBlock ?? parts.fromBlock, {
    signal,
    pollMs,
    onPoll: parts.onPoll,
    onError: (error) => {
      onProblem("the chain did not answer", error);
    },
  });
  for await (const { logs, toBlock, head } of ranges) {
    const submissions = logs.flatMap((log) => readSubmission(log, contracts, onProblem));
    const deals = logs.flatMap((log) => readDeal(log, contracts));
    await store.add(submissions, toBlock + 1, deals);
    parts.onBlock(toBlock, toBlock === head);
  }
}

function readSubmission(log: Log, { Flow }: Contracts, onProblem: FollowerParts["onProblem"]): Submission[] {
  if (log.address !== Flow.target) return [];
  // By position: names like `length` mean something else on the decoder's result.
  const [, , submissionIndex, startPos, , data] = Flow.interface.decodeEventLog(
    "Submit",
    log.data,
    log.topics,
  ) as unknown as [string, string, bigint, bigint, bigint, [bigint, string, [Hex, bigint][]]];
  const nodes = [...data[2]].map(([root, height]) => ({ root, height }));
  try {
    return [submissionFromEvent({ submissionIndex, startPos, byteLength: data[0], nodes })];
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
    onProblem("a submission can't be stored", error);
    return [];
  }
}

function readDeal(log: Log, { Market }: Contracts): Deal[] {
  const event = parseEvent(log, Market, "DealOpened");
  if (!event) return [];
  return [
    {
      submission: Number(event.submission),
      firstRowId: Number(event.firstRowId),
      rows: Number(event.rows),
      fillDeadlineBlock: Number(event.fillDeadlineBlock),
    },
  ];
}
