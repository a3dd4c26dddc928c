import { setTimeout as sleep } from "node:timers/promises";

import type { Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { parseEvent } from "../chain/events.ts";
import { followLogs } from "../chain/logs.ts";
import { GlassboxError } from "../core/errors.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { auditClaim, type AuditResult } from "./job-auditor.ts";
import type { FileSource } from "./training-job.ts";

/** A claim whose files can't be had is tried again after so long. */
const RETRY_MS = 2_000;
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

/** What a watcher thinks of a job's newest claim. */
type Verdict = AuditResult | { readonly verdict: "unknown" | "pending"; readonly detail: string };

/** Starts a watcher: recomputes every claim from chain and storage, and says at `GET /v1/jobs/<job>` what it found. */
export async function startWatcher(options: WatcherOptions): Promise<{ url: string; close(): Promise<void> }> {
  const stop = new AbortController();
  const verdicts = new Map<string, Verdict>();
  const server = createHttpServer(MAX_BODY_BYTES, options.logger);
  server.get<{ Params: { job: string } }>("/v1/jobs/:job", (request) => {
    const { job } = request.params;
    return { job, ...(verdicts.get(job) ?? { verdict: "unknown", detail: "no claim was seen" }) };
  });
  const url = await listen(server, options.host, options.port);
  const watching = watch(options, verdicts, stop.signal);
  return {
    url,
    close: async () => {
      stop.abort();
      await server.close();
      await watching;
    },
  };
}

async function watch(options: WatcherOptions, verdicts: Map<string, Verdict>, signal: AbortSignal): Promise<void> {
  const { contracts, provider, logger, fromBlock, pollMs } = options;
  const { JobRegistry } = contracts;
  const query = {
    address: await JobRegistry.getAddress(),
    topics: [JobRegistry.getEvent("JobClaimed").fragment.topicHash],
  };
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, "following claims failed; trying again");
  };
  for await (const { logs } of followLogs(provider, query, fromBlock, { signal, pollMs, onError })) {
    for (const log of logs) {
      const claimed = parseEvent(log, JobRegistry, "JobClaimed");
      if (!claimed) continue;
      const job = claimed.jobId.toString();
      verdicts.set(job, { verdict: "pending", detail: "recomputing" });
      const result = await audit(options, claimed.jobId, signal);
      if (!result) return;
      verdicts.set(job, result);
      logger.info({ job, ...result }, "recomputed a claim");
    }
  }
}

/** Recomputes a claim; what is out of reach is asked for again, what is malformed is a mismatch. */
async function audit(
  { contracts, storage, logger }: WatcherOptions,
  jobId: bigint,
  signal: AbortSignal,
): Promise<AuditResult | undefined> {
  while (!signal.aborted) {
    try {
      return await auditClaim(contracts, storage, jobId, signal);
    } catch (error) {
      if (!(error instanceof GlassboxError)) throw error;
      if (error.kind === "check" || error.kind === "usage") {
        return { verdict: "mismatch", detail: `${error.code}: ${error.message}` };
      }
      logger.warn({ err: error, job: jobId.toString() }, "the claim could not be recomputed; trying again");
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
