import type { Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { MemoryStore } from "../db/memory-store.ts";
import { FlowReader } from "../storage/flow-reader.ts";
import type { Logger } from "../telemetry/logger.ts";
import { AuditAuthor } from "./audits/audit-author.ts";
import { Auditor } from "./audits/auditor.ts";
import { ClaimDesk } from "./claim-desk.ts";
import { Challenger } from "./dispute/challenger.ts";
import { Defender } from "./dispute/defender.ts";
import { GameReader } from "./dispute/game-reader.ts";
import { KeptFiles } from "./dispute/kept-files.ts";
import type { PlayerParts } from "./dispute/play.ts";
import { collectBounties } from "./dispute/winnings.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { auditClaim } from "./job-auditor.ts";
import { followJobEvents } from "./job-events.ts";
import type { FileSource } from "../storage/ports.ts";
import { claimDigest } from "./watcher-protocol.ts";

const MAX_BODY_BYTES = 1_024;

/** What a watcher is made of. */
export interface WatcherOptions {
  /** Bound to the account, if there is one. */
  readonly contracts: Contracts;
  readonly provider: Provider;
  /** The account that plays the dispute game against claims that differ, and pays the bonds. Without one, a watcher only says what it found. */
  readonly sender?: TxSender;
  /**
   * Where the account keeps the files of what it audits, if it also audits claims for pay, under bond: an operator of the compute service
   * may. Otherwise it keeps nothing beyond the process.
   */
  readonly audits?: KeyValueStore;
  readonly storage: FileSource;
  readonly host: string;
  readonly port: number;
  readonly fromBlock: number;
  readonly pollMs: number;
  readonly logger: Logger;
}

/**
 * Starts a watcher: recomputes every claim from chain and storage, says at `GET /v1/jobs/<job>` what it found, and challenges what differs
 * if it has an account; then it also checks the audits of others, and may audit itself. When it starts, it goes on with the games and audits
 * that its account has open, and collects what it won.
 */
export async function startWatcher(options: WatcherOptions): Promise<{ url: string; close(): Promise<void> }> {
  const stop = new AbortController();
  const { contracts, provider, fromBlock, storage, logger } = options;
  const player = playerOf(options);
  const challenger = player && new Challenger({ ...player, storage });
  const flow = new FlowReader(contracts);
  const store = options.audits ?? new MemoryStore();
  const kept = (jobId: bigint): KeptFiles => new KeptFiles(flow, storage, store, jobId);
  const auditor = player && challenger && new Auditor({ ...player, provider, fromBlock, storage, kept, challenger });
  const files = [new AuditAuthor(contracts, kept)];
  const defender = player && new Defender({ ...player, provider, fromBlock, files });
  const desk = new ClaimDesk({
    audit: (claim, signal) => auditClaim(contracts, challenger?.filesOf(claim) ?? storage, claim, signal),
    ...(challenger && {
      doubt: (claim, recomputed, signal) => challenger.doubt(claim, recomputed, signal),
      ask: (claim, leaf, signal) => challenger.ask(claim, leaf, signal),
    }),
    ...(auditor && options.audits && { confirm: auditor.take.bind(auditor) }),
    logger,
    signal: stop.signal,
  });
  const server = createHttpServer(MAX_BODY_BYTES, logger);
  server.get<{ Params: { job: string } }>("/v1/jobs/:job", (request) => desk.verdict(request.params.job));
  const url = await listen(server, options.host, options.port);
  const watching = Promise.all([
    watch(options, desk, stop.signal),
    challenger?.tidy(stop.signal),
    player && collectBounties({ ...player, provider, fromBlock }, stop.signal),
    auditor?.run(stop.signal),
    defender?.run(stop.signal, stop.signal),
  ]);
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

function playerOf(options: WatcherOptions): PlayerParts | undefined {
  const { contracts, provider, sender, fromBlock, pollMs, logger } = options;
  if (sender === undefined) return undefined;
  return { contracts, reader: new GameReader(contracts, provider, fromBlock), sender, logger, pollMs };
}

/** Hands every claim of the chain to the desk; what can't be read is read again at the next block. */
async function watch(options: WatcherOptions, desk: ClaimDesk, signal: AbortSignal): Promise<void> {
  const { contracts } = options;
  for await (const claims of followJobEvents(options, "JobClaimed", signal)) {
    for (const { jobId, claimNumber, outputs, submissions } of claims) {
      const digest = (): Promise<string> => claimDigest(contracts, jobId, outputs);
      desk.take({ jobId, claim: Number(claimNumber), outputs, submissions, digest });
    }
  }
}
