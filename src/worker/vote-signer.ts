import { timingSafeEqual } from "node:crypto";

import { chainTime, readChain } from "../chain/read.ts";
import { type Hex, toHex } from "../core/bytes.ts";
import { ensureCheck, ensureInput, GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { blsPublicKey, signVote } from "../crypto/bls.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { epochAt, firstOpenEpoch, type ServiceHome } from "../staking/service-home.ts";
import { homeProvider, TableHistory } from "../staking/table-history.ts";
import { headerVote, type Vote, VOTE_TYPES, voteDigest } from "../staking/vote.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { parseBody } from "./request-body.ts";
import { VoteJournal } from "./vote-journal.ts";
import { VOTE_BODY_LIMIT, voteSchema, type VoteSignature } from "./vote-protocol.ts";

const CALLS_PER_SECOND = 20;
const BURST = 100;

/** What signs in an operator's name for one service. */
export interface VoteSignerOptions {
  readonly home: ServiceHome;
  readonly operator: Hex;
  /** The operator's secret BLS key. */
  readonly secretKey: Uint8Array;
  /** Keeps what was signed. One for all signers of an operator, for ever. */
  readonly store: KeyValueStore;
  /** The first epoch that a new journal signs in; by default the one after the present. An earlier one is right only for an operator
   * that signed nothing in it. */
  readonly firstEpoch?: bigint;
  /** Blocks that must lie on top of an epoch's first one before its table is signed. */
  readonly confirmations: number;
  /** For several signers in one process. */
  readonly tables?: TableHistory;
}

/** Signs votes of one operator for one service, never two for one position; see {@link VoteJournal}. */
export class VoteSigner {
  readonly #options: VoteSignerOptions;
  readonly #journal: VoteJournal;
  readonly #key: Hex;
  readonly #tables: TableHistory;

  private constructor(options: VoteSignerOptions, journal: VoteJournal, key: Hex) {
    this.#options = options;
    this.#journal = journal;
    this.#key = key;
    this.#tables = options.tables ?? new TableHistory(options.home);
  }

  /** @throws GlassboxError `WORKER_KEY_NOT_MINE` if the key is not registered for the operator. */
  static async open(options: VoteSignerOptions): Promise<VoteSigner> {
    const { home, operator, secretKey, store, firstEpoch } = options;
    const key = blsPublicKey(secretKey);
    const { operator: owner } = await readChain(home.contracts.OperatorRegistry.blsKeyInfo(toHex(keccak256(key))));
    ensureInput(sameAddress(owner, operator), "WORKER_KEY_NOT_MINE", `this BLS key is not registered for ${operator}`, {
      hint: "`glassbox operator keys --bls` registers it",
    });
    const present = epochAt(home, await chainTime(homeProvider(home)));
    const newFloor = firstEpoch === undefined ? present : firstEpoch - 1n;
    const journal = await VoteJournal.open(store, home.domain, operator, newFloor);
    return new VoteSigner(options, journal, toHex(key));
  }

  /** The last epoch in which this signs nothing. */
  get floor(): bigint {
    return this.#journal.floor;
  }

  /**
   * Signs a header if its table is the one that the home chain's history makes, whoever asks.
   * @throws GlassboxError `WORKER_HEADER_FALSE`, `WORKER_HEADER_UNCONFIRMED`, and as `sign`.
   */
  async signHeader(vote: Vote): Promise<VoteSignature> {
    const { home, confirmations } = this.#options;
    ensureInput(vote.slot > vote.epoch, "WORKER_HEADER_FALSE", "a header is for a later epoch than its signers'");
    const provider = homeProvider(home);
    const head = await readChain(provider.getBlockNumber());
    const settled = await readChain(provider.getBlock(Math.max(0, head - confirmations)));
    const isSettled = settled !== null && BigInt(settled.timestamp) >= vote.slot * home.epochSeconds;
    ensureInput(isSettled, "WORKER_HEADER_UNCONFIRMED", `epoch ${vote.slot} has not begun ${confirmations} blocks ago`);
    const { hash } = await this.#tables.at(vote.slot);
    const expected = headerVote(home.serviceId, vote.epoch, vote.slot, hash);
    const isTrue = vote.payload.toLowerCase() === expected.payload && vote.round === expected.round;
    ensureCheck(isTrue, "WORKER_HEADER_FALSE", `the table of epoch ${vote.slot} is another one`);
    return this.sign(vote);
  }

  /**
   * Signs a vote, unless another payload was signed for its position before. What it says is the caller's to know.
   * @throws GlassboxError `WORKER_VOTE_SERVICE`, `WORKER_VOTE_FUTURE`, `WORKER_VOTE_BELOW_FLOOR`, `WORKER_VOTE_CONFLICT`.
   */
  async sign(vote: Vote): Promise<VoteSignature> {
    const { home, operator, secretKey } = this.#options;
    const { serviceId } = home;
    const isOurs = vote.serviceId === serviceId;
    ensureInput(isOurs, "WORKER_VOTE_SERVICE", `a vote of service ${vote.serviceId}, not ${serviceId}`);
    const now = await chainTime(homeProvider(home));
    const present = epochAt(home, now);
    ensureInput(vote.epoch <= present, "WORKER_VOTE_FUTURE", `epoch ${vote.epoch} has not begun, it is ${present}`);
    await this.#journal.forgetBefore(firstOpenEpoch(home, now));
    await this.#journal.allow(vote);
    return { operator, key: this.#key, signature: toHex(signVote(voteDigest(home.domain, vote), secretKey)) };
  }
}

/** A signer that answers over HTTP. */
export interface VoteSignerServer extends VoteSignerOptions {
  /** Who shows this may have any vote signed; nobody may if it is left out. Headers are signed for everybody. */
  readonly token?: string;
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
}

/** Starts a signer: `POST /v1/signatures` with a vote returns the operator's signature. */
export async function startVoteSigner(
  options: VoteSignerServer,
): Promise<{ url: string; floor: bigint; close(): Promise<void> }> {
  const { token, logger } = options;
  const signer = await VoteSigner.open(options);
  const server = createHttpServer(VOTE_BODY_LIMIT, logger);
  const rate = new RateLimiter(CALLS_PER_SECOND, BURST);
  server.addHook("onRequest", (request, _reply, next) => {
    const isAllowed = rate.allows(request.ip, performance.now());
    next(isAllowed ? undefined : new GlassboxError("network", "HTTP_RATE_LIMIT", "too many requests"));
  });
  server.get("/v1/status", () => ({
    operator: options.operator,
    service: options.home.serviceId,
    floor: signer.floor.toString(),
  }));
  server.post("/v1/signatures", async (request) => {
    const vote = parseBody(voteSchema, request.body);
    if (vote.voteType === VOTE_TYPES.header) return signer.signHeader(vote);
    const isTrusted = token !== undefined && isSameSecret(request.headers.authorization ?? "", `Bearer ${token}`);
    ensureInput(isTrusted, "WORKER_TOKEN_MISSING", "without the signer's token only headers are signed");
    return signer.sign(vote);
  });
  const url = await listen(server, options.host, options.port);
  return { url, floor: signer.floor, close: () => server.close() };
}

/** Hashed first: the time that the comparison takes tells nothing of the secret, not even its length. */
function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(keccak256(Buffer.from(given)), keccak256(Buffer.from(expected)));
}
