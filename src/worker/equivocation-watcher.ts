import { setTimeout as sleep } from "node:timers/promises";

import type { FastifyInstance } from "fastify";

import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { type Certificate, verifyCertificate } from "../staking/certificate.ts";
import { CertificateBook } from "../staking/certificate-book.ts";
import { ChainKeyDirectory } from "../staking/key-directory.ts";
import { epochAt, type ServiceHome } from "../staking/service-home.ts";
import { homeProvider, TableHistory } from "../staking/table-history.ts";
import { headerVote, type Vote, voteDigest, VOTE_TYPES } from "../staking/vote.ts";
import { type SignedVote, VoteBook, type VoteBookLimits } from "../staking/vote-book.ts";
import type { Logger } from "../telemetry/logger.ts";
import { EvidenceReporter } from "./evidence-reporter.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { type FollowedChain, InboxFollower } from "./inbox-follower.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { RecordDesk } from "./record-desk.ts";
import { parseBody } from "./request-body.ts";
import { ensureInboxOf } from "./set-relayer.ts";
import { certifiedVoteSchema, signedVoteSchema, VOTE_BODY_LIMIT } from "./vote-protocol.ts";

/** Requests of one client, and of all: each may cost a check of 20 ms. */
const CALLS_PER_SECOND = 20;
const CALLS_OF_ALL_PER_SECOND = 40;
const BURST = 256;
/** Reports that are shown, the newest ones. */
const MAX_SHOWN = 1_000;

/** What a watcher is made of. */
export interface EquivocationWatcherOptions {
  readonly home: ServiceHome;
  /** Who reports and is paid. Not the account of another worker. */
  readonly sender: TxSender;
  /** Keeps votes, certificates and reports. */
  readonly store: KeyValueStore;
  /** The service's own chain, if its headers and certificates are to be watched. */
  readonly remote?: FollowedChain;
  readonly limits?: Partial<VoteBookLimits>;
  readonly host: string;
  readonly port: number;
  readonly pollMs: number;
  readonly logger: Logger;
}

/** A running watcher. */
export interface EquivocationWatcher {
  readonly url: string;
  /** Rejects if the watcher can't go on. */
  readonly failed: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a watcher of one service: takes votes (`POST /v1/votes`) and certificates (`POST /v1/certificates`) from anybody, reads the
 * service's own chain, and brings every contradiction home. `GET /v1/reports` shows what it found.
 * @throws GlassboxError `WORKER_INBOX_FOREIGN` for an inbox of another service, or what listening throws.
 */
export async function startEquivocationWatcher(options: EquivocationWatcherOptions): Promise<EquivocationWatcher> {
  const { home, remote, store, pollMs, logger } = options;
  if (remote) await ensureInboxOf(home, remote);
  const stop = new AbortController();
  const desk = new Desk(options);
  const server = createHttpServer(VOTE_BODY_LIMIT, logger);
  addRoutes(server, desk);
  const url = await listen(server, options.host, options.port);
  const loops = [desk.run(stop.signal)];
  if (remote) {
    const take = (vote: Vote, certificate: Certificate, tableHash?: Hex): Promise<void> =>
      desk.takeCertificate(vote, certificate, tableHash).then(() => undefined);
    const follower = await InboxFollower.create({ home, remote, store, take, pollMs, logger });
    loops.push(follower.run(stop.signal));
  }
  const running = Promise.all(loops);
  const failed = running.then(() => undefined);
  failed.catch(() => undefined);
  return {
    url,
    failed,
    close: async () => {
      stop.abort();
      await server.close();
      await running;
    },
  };
}

function addRoutes(server: FastifyInstance, desk: Desk): void {
  const ofOne = new RateLimiter(CALLS_PER_SECOND, BURST);
  const ofAll = new RateLimiter(CALLS_OF_ALL_PER_SECOND, 2 * BURST);
  server.addHook("onRequest", (request, _reply, next) => {
    const now = performance.now();
    const isAllowed = ofOne.allows(request.ip, now) && ofAll.allows("", now);
    next(isAllowed ? undefined : new GlassboxError("network", "HTTP_RATE_LIMIT", "too many requests"));
  });
  server.post("/v1/votes", (request) => desk.takeVote(parseBody(signedVoteSchema, request.body)));
  server.post("/v1/certificates", (request) => {
    const { vote, certificate, tableHash } = parseBody(certifiedVoteSchema, request.body);
    return desk.takeCertificate(vote, certificate, tableHash);
  });
  server.get("/v1/reports", () => desk.reports());
}

/** Joins the books with those who bring their findings home. */
class Desk {
  readonly #options: EquivocationWatcherOptions;
  readonly #votes: VoteBook;
  readonly #certificates: CertificateBook;
  readonly #reporter: EvidenceReporter;
  readonly #records: RecordDesk;
  readonly #tables: TableHistory;

  constructor(options: EquivocationWatcherOptions) {
    const { home, sender, store, logger, limits = {} } = options;
    this.#options = options;
    this.#tables = new TableHistory(home);
    const { ServiceRegistry } = home.contracts;
    const hasStakeAt = async (operator: Hex, t: bigint): Promise<boolean> =>
      (await readChain(ServiceRegistry.weightAt(home.serviceId, operator, t))) > 0n;
    const keys = new ChainKeyDirectory(home.contracts);
    this.#votes = new VoteBook({ terms: home, keys, hasStakeAt, store, limits });
    const rowsOf = async (epoch: bigint) => (await this.#tables.at(epoch)).validators;
    this.#certificates = new CertificateBook({ terms: home, store, rowsOf });
    const reporter = new EvidenceReporter({ home, sender, store, logger });
    this.#reporter = reporter;
    const operatorsOf = async (epoch: bigint) => (await rowsOf(epoch)).map(({ operator }) => operator);
    this.#records = new RecordDesk({ home, sender, store, reporter, operatorsOf, logger });
  }

  reports() {
    return this.#reporter.reports.slice(-MAX_SHOWN).map(({ operator, offenceKey, epoch, stage, note }) => ({
      operator,
      offenceKey,
      epoch: epoch.toString(),
      stage,
      note,
    }));
  }

  async takeVote(signed: SignedVote) {
    const { isNew, conflict } = await this.#votes.take(signed, await this.#now());
    if (conflict) await this.#reporter.enlist([conflict]);
    return { isNew, isConflict: conflict !== undefined };
  }

  /** @param tableHash of a header: the table that it names; only then can a false one be told. */
  async takeCertificate(vote: Vote, certificate: Certificate, tableHash?: Hex) {
    const conflict = await this.#certificates.take(vote, certificate, await this.#now());
    if (conflict) await this.#records.enlistConflict(conflict);
    const isFalse = tableHash !== undefined && (await this.#isFalseHeader(vote, tableHash));
    if (isFalse) {
      const { validators } = await this.#tables.at(vote.epoch);
      const rows = verifyCertificate(validators, voteDigest(this.#options.home.domain, vote), certificate);
      await this.#records.enlistHeader({ vote, tableHash, certificate, rows });
    }
    return { isConflict: conflict !== undefined || isFalse };
  }

  /** Does what each block calls for until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { home, pollMs, logger } = this.#options;
    await this.#untilMined(signal);
    let epoch = -1n;
    while (!signal.aborted) {
      try {
        const now = await this.#now();
        if (epochAt(home, now) !== epoch) await this.#dropClosed(now);
        epoch = epochAt(home, now);
        await this.#reporter.advance();
        await this.#records.advance();
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        logger.warn({ err: error }, "the watcher did not get on; trying again");
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What an earlier life of this process sent may wait still; only then does the chain tell what is done. */
  async #untilMined(signal: AbortSignal): Promise<void> {
    const { home, sender, pollMs, logger } = this.#options;
    const provider = homeProvider(home);
    while (!signal.aborted) {
      try {
        const [mined, sent] = await readChain(
          Promise.all([
            provider.getTransactionCount(sender.address, "latest"),
            provider.getTransactionCount(sender.address, "pending"),
          ]),
        );
        if (sent <= mined) return;
      } catch (error) {
        logger.warn({ err: error }, "the chain does not answer; trying again");
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #isFalseHeader(vote: Vote, tableHash: Hex): Promise<boolean> {
    const { home } = this.#options;
    const { payload } = headerVote(home.serviceId, vote.epoch, vote.slot, tableHash);
    const names = vote.voteType === VOTE_TYPES.header && vote.round === 0 && vote.payload.toLowerCase() === payload;
    ensureInput(names, "WORKER_NOT_A_HEADER", "the vote is not for a header with this table");
    return (await this.#tables.at(vote.slot)).hash !== tableHash.toLowerCase();
  }

  async #dropClosed(now: bigint): Promise<void> {
    await this.#votes.dropClosed(now);
    await this.#certificates.dropClosed(now);
    await this.#reporter.dropClosed(now);
    await this.#records.dropClosed(now);
  }

  #now(): Promise<bigint> {
    return chainTime(homeProvider(this.#options.home));
  }
}
