import type { Provider } from "ethers";
import type { FastifyInstance } from "fastify";

import type { Contracts } from "../chain/contracts.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { PublicModel } from "../compute/public-model.ts";
import type { Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { publicReceiptToJson } from "../models/public-receipt.ts";
import { closeProver } from "../proofs/prover.ts";
import { FlowReader } from "../storage/flow-reader.ts";
import type { StorageClient } from "../storage/storage-client.ts";
import type { Logger } from "../telemetry/logger.ts";
import { answerRequestSchema } from "./answer-protocol.ts";
import { AnswerInputs } from "./answer-inputs.ts";
import { AnswerWorker } from "./answer-worker.ts";
import { AnswerAuthor } from "./dispute/answer-author.ts";
import { Defender } from "./dispute/defender.ts";
import { GameReader } from "./dispute/game-reader.ts";
import { KeptFiles } from "./dispute/kept-files.ts";
import { PartAuthor } from "./dispute/part-author.ts";
import { collectBounties } from "./dispute/winnings.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { followJobEvents } from "./job-events.ts";
import { JobJoiner } from "./job-joiner.ts";
import { JobLeaver } from "./job-leaver.ts";
import { PART_BODY_LIMIT, partRequestSchema, signedPartsQuerySchema } from "./part-protocol.ts";
import { PartResults } from "./part-results.ts";
import { PartWorker } from "./part-worker.ts";
import type { PartQueue } from "./parts/part-queue.ts";
import { PublicAnswers } from "./public-answers.ts";
import { publicRequestSchema } from "./public-protocol.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { parseBody } from "./request-body.ts";
import { SignedJournal } from "./signed-journal.ts";
import { SignedStarts } from "./signed-starts.ts";
import { jobDomain } from "./training-job.ts";

/** Requests of one client. Coordinators ask for parts that take a fraction of a second, and quickly for those that are kept. */
const CALLS_PER_SECOND = 100;
const BURST = 1_000;
/** Public answers cost nothing yet, and each is kept in the journal. */
const PUBLIC_PER_SECOND = 5;
const PUBLIC_BURST = 100;
/** A connection may be silent while a model's key is built. */
const IDLE_MS = 600_000;
/** Parts and answers that were begun may take so long when the worker is asked to stop. */
const DRAIN_MS = 60_000;

/** What a compute worker is made of. */
export interface ComputeWorkerOptions {
  readonly contracts: Contracts;
  readonly provider: Provider;
  readonly storage: StorageClient;
  /** The operator's account. */
  readonly sender: TxSender;
  /** The operator's signing key. */
  readonly signer: UnlockedKey;
  /** Keeps what was signed, and results. */
  readonly store: KeyValueStore;
  /** Where parts are computed; the caller closes it after the worker. */
  readonly queue: PartQueue;
  /** How many parts may be computed at once. */
  readonly parts: number;
  /** Models that anyone may ask. */
  readonly models: readonly PublicModel[];
  readonly cacheDir: string;
  readonly host: string;
  readonly port: number;
  readonly fromBlock: number;
  readonly pollMs: number;
  readonly logger: Logger;
}

/** A running compute worker. */
export interface ComputeWorker {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a compute worker: joins open jobs that its stake covers, computes assigned parts, answers paid questions and public ones of its models,
 * answers for the parts and public answers it has signed when somebody challenges one, and collects the bounties that its operator has won.
 */
export async function startComputeWorker(options: ComputeWorkerOptions): Promise<ComputeWorker> {
  const { contracts, sender, signer, storage, logger } = options;
  const stop = new AbortController();
  /** Comes first: whoever stops joins nothing new. */
  const leave = new AbortController();
  const operator = sender.address as Hex;
  const journal = new SignedJournal(options.store, signer);
  const starts = new SignedStarts(options.store);
  const flow = new FlowReader(contracts);
  const filesOf = (jobId: bigint): KeptFiles => new KeptFiles(flow, storage, options.store, jobId);
  const parts = new PartWorker({
    contracts,
    filesOf,
    operator,
    queue: options.queue,
    journal,
    results: new PartResults(options.store),
    starts,
  });
  const answers = new AnswerWorker(contracts, storage, sender, options.cacheDir);
  const domain = await jobDomain(contracts);
  const inputs = new AnswerInputs(options.store);
  const publicAnswers = new PublicAnswers({ models: options.models, journal, inputs, operator, domain });
  const server = createHttpServer(PART_BODY_LIMIT, logger, { idleMs: IDLE_MS, drainMs: DRAIN_MS });
  const rate = new RateLimiter(CALLS_PER_SECOND, BURST);
  server.addHook("onRequest", (request, _reply, next) => {
    const isAllowed = rate.allows(request.ip, performance.now());
    next(isAllowed ? undefined : new GlassboxError("network", "HTTP_RATE_LIMIT", "too many requests"));
  });
  server.get("/v1/status", () => ({ operator, signer: signer.address, parts: options.parts }));
  serveParts(server, parts, stop.signal);
  servePaidAnswers(server, answers, stop.signal);
  servePublicAnswers(server, publicAnswers);
  const url = await listen(server, options.host, options.port);
  const joiner = new JobJoiner({ contracts, files: storage, sender, logger, signal: leave.signal });
  const forget = async (jobId: bigint): Promise<void> => {
    await starts.forget(domain, jobId);
    await filesOf(jobId).forget();
  };
  const leaver = new JobLeaver({ contracts, sender, forget, logger });
  const following = Promise.all([
    followOpened(options, joiner, leave.signal),
    followJoined(options, leaver, leave.signal),
  ]);
  const reader = new GameReader(contracts, options.provider, options.fromBlock);
  const files = [new PartAuthor(contracts, filesOf, starts), new AnswerAuthor(inputs)];
  const defending = new Defender({ ...options, reader, files }).run(stop.signal, stop.signal);
  const collecting = collectBounties({ ...options, reader }, stop.signal);
  return {
    url,
    close: async () => {
      leave.abort();
      await server.close();
      stop.abort();
      await Promise.all([following, defending, collecting]);
      await joiner.idle();
      await leaver.idle();
      closeProver();
    },
  };
}

/** Parts of rounds, for whoever leads a job. */
function serveParts(server: FastifyInstance, parts: PartWorker, signal: AbortSignal): void {
  server.get("/v1/parts", async (request) => {
    const signed = await parts.signedParts(parseBody(signedPartsQuerySchema, request.query));
    return { signed: signed.map(String) };
  });
  server.post("/v1/parts", async (request) => {
    const { signature, weights } = await parts.compute(parseBody(partRequestSchema, request.body), signal);
    return { signature, weights: Buffer.from(weights).toString("base64") };
  });
}

/** Proven answers, for whoever pays. */
function servePaidAnswers(server: FastifyInstance, answers: AnswerWorker, signal: AbortSignal): void {
  server.post("/v1/answers", async (request) => {
    const answer = await answers.answer(parseBody(answerRequestSchema, request.body), signal);
    return { ...answer, inputHash: answer.inputHash.toString(), proof: answer.proof.map(String) };
  });
}

/** Signed answers, for anyone. */
function servePublicAnswers(server: FastifyInstance, answers: PublicAnswers): void {
  const rate = new RateLimiter(PUBLIC_PER_SECOND, PUBLIC_BURST);
  server.get("/v1/public-models", () => ({ models: answers.names() }));
  server.post("/v1/public-answers", async (request) => {
    const isAllowed = rate.allows(request.ip, performance.now());
    if (!isAllowed) throw new GlassboxError("network", "HTTP_RATE_LIMIT", "too many public answers");
    return publicReceiptToJson(await answers.answer(parseBody(publicRequestSchema, request.body)));
  });
}

/** Shows every job that opens to the joiner. */
async function followOpened(options: ComputeWorkerOptions, joiner: JobJoiner, signal: AbortSignal): Promise<void> {
  for await (const opened of followJobEvents(options, "JobOpened", signal)) {
    joiner.offer(opened.map(({ jobId }) => jobId));
  }
}

/** Shows every job that the operator joins to the leaver. */
async function followJoined(options: ComputeWorkerOptions, leaver: JobLeaver, signal: AbortSignal): Promise<void> {
  for await (const joined of followJobEvents(options, "JobJoined", signal, [null, options.sender.address])) {
    leaver.offer(joined.map(({ jobId }) => jobId));
  }
}
