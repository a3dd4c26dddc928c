import type { Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { parseEvent } from "../chain/events.ts";
import { followLogs } from "../chain/logs.ts";
import type { Logger } from "../telemetry/logger.ts";
import { reportChain } from "./chain-health.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { ClaimDesk } from "./claim-desk.ts";
import { auditClaim } from "./job-auditor.ts";
import type { FileSource } from "../storage/ports.ts";
import { claimDigest } from "./watcher-protocol.ts";

const MAX_BODY_BYTES = 1_024;

/** What a watcher is made of. It holds no key. */
export interface WatcherOptions {
  readonly contracts: Contracts;
  readonly provider: Provider;
  readonly storage: FileSource;
  readonly host: string;
  readonly port: number;
  readonly fromBlock: number;
  readonly pollMs: number;
  readonly logger: Logger;
}

/** Starts a watcher: recomputes every claim from chain and storage, and says at `GET /v1/jobs/<job>` what it found. */
export async function startWatcher(options: WatcherOptions): Promise<{ url: string; close(): Promise<void> }> {
  const stop = new AbortController();
  const desk = new ClaimDesk({
    audit: (claim, signal) => auditClaim(options.contracts, options.storage, claim, signal),
    logger: options.logger,
    signal: stop.signal,
  });
  const server = createHttpServer(MAX_BODY_BYTES, options.logger);
  server.get<{ Params: { job: string } }>("/v1/jobs/:job", (request) => desk.verdict(request.params.job));
  const url = await listen(server, options.host, options.port);
  const watching = watch(options, desk, stop.signal);
  return {
    url,
    close: async () => {
      stop.abort();
      await server.close();
      await watching;
      await desk.idle();
    },
  };
}

/** Hands every claim of the chain to the desk; what can't be read is read again at the next block. */
async function watch(options: WatcherOptions, desk: ClaimDesk, signal: AbortSignal): Promise<void> {
  const { contracts, provider, logger, fromBlock, pollMs } = options;
  const { JobRegistry } = contracts;
  const query = {
    address: await JobRegistry.getAddress(),
    topics: [JobRegistry.getEvent("JobClaimed").fragment.topicHash],
  };
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, "following claims failed; trying again");
  };
  for await (const { logs } of followLogs(provider, query, fromBlock, {
    signal,
    pollMs,
    onError,
    onPoll: reportChain(signal),
  })) {
    for (const log of logs) {
      const claimed = parseEvent(log, JobRegistry, "JobClaimed");
      if (!claimed) continue;
      const { jobId, claimNumber, outputs, submissions } = claimed;
      const digest = (): Promise<string> => claimDigest(contracts, jobId, outputs);
      desk.take({ jobId, claim: Number(claimNumber), outputs, submissions, digest });
    }
  }
}
