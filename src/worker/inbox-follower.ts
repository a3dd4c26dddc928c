import { setTimeout as sleep } from "node:timers/promises";

import type { Log, Provider } from "ethers";

import type { ServiceInbox } from "../chain/contracts.ts";
import { parseEvent } from "../chain/events.ts";
import { followLogs } from "../chain/logs.ts";
import { readChain } from "../chain/read.ts";
import type { Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { Certificate } from "../staking/certificate.ts";
import type { ServiceHome } from "../staking/service-home.ts";
import { tableFromHistory } from "../staking/table-history.ts";
import { headerVote, type Vote } from "../staking/vote.ts";
import type { Logger } from "../telemetry/logger.ts";
import { advanceIn, certifiedVoteIn } from "./certificate-calldata.ts";

/** Blocks that are read again after a restart, in case they were replaced meanwhile. */
const REREAD_BLOCKS = 64;
/** What the home chain only has to catch up with. */
const NOT_YET = new Set(["STAKING_EPOCH_FUTURE", "STAKING_VOTE_FUTURE"]);

/** A service's own chain, as a watcher follows it. */
export interface FollowedChain {
  readonly provider: Provider;
  readonly inbox: ServiceInbox;
  /** Contracts that take certificates of the service as first arguments, and emit an event when they do. */
  readonly consumers: readonly string[];
  /** No event of the inbox is older. */
  readonly fromBlock: number;
}

/** What a follower works with. */
export interface InboxFollowerParts {
  readonly home: ServiceHome;
  readonly remote: FollowedChain;
  readonly store: KeyValueStore;
  /** Takes every certificate that was used on the chain; with a header, also the table that it names. */
  readonly take: (vote: Vote, certificate: Certificate, tableHash?: Hex) => Promise<void>;
  readonly pollMs: number;
  readonly logger: Logger;
}

/** Reads a service's own chain for headers and certificates, and shows all of them; goes on where it was after a restart. */
export class InboxFollower {
  readonly #parts: InboxFollowerParts;
  readonly #prefix: string;

  private constructor(parts: InboxFollowerParts, prefix: string) {
    this.#parts = parts;
    this.#prefix = prefix;
  }

  static async create(parts: InboxFollowerParts): Promise<InboxFollower> {
    const { provider, inbox } = parts.remote;
    const { chainId } = await readChain(provider.getNetwork());
    return new InboxFollower(parts, `inbox/${chainId}/${(await inbox.getAddress()).toLowerCase()}/`);
  }

  /** Follows the chain until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { remote, store, pollMs, logger } = this.#parts;
    const inbox = await remote.inbox.getAddress();
    const known = store.get(`${this.#prefix}next`);
    const next = known ? Number(Buffer.from(known).toString()) : remote.fromBlock;
    const onError = (error: unknown): void => {
      logger.warn({ err: error }, "following the service's chain failed; trying again");
    };
    const query = { address: [inbox, ...remote.consumers], topics: [] };
    const first = Math.max(remote.fromBlock, next - REREAD_BLOCKS);
    for await (const { logs, toBlock } of followLogs(remote.provider, query, first, { signal, pollMs, onError })) {
      const seen = new Set<string>();
      for (const log of logs) {
        const advanced = parseEvent(log, remote.inbox, "SetAdvanced");
        if (advanced)
          await this.#untilTaken(() => this.#header(log, advanced.epoch, advanced.tableHash as Hex), signal);
        else if (!sameAddress(log.address, inbox) && !seen.has(log.transactionHash)) {
          seen.add(log.transactionHash);
          await this.#untilTaken(() => this.#certificate(log), signal);
        }
      }
      if (signal.aborted) return;
      await store.commit([{ key: `${this.#prefix}next`, value: Buffer.from(String(toBlock + 1)) }]);
    }
  }

  async #header(log: Log, epoch: bigint, tableHash: Hex): Promise<void> {
    const { home, store, take, logger } = this.#parts;
    // Installed epochs only rise, so the one before this was the newest when this was installed.
    const signersEpoch = this.#epochs().findLast((installed) => installed < epoch);
    await store.commit([
      { key: `${this.#prefix}epoch/${epoch.toString().padStart(20, "0")}`, value: Buffer.from(tableHash) },
    ]);
    if (signersEpoch === undefined) {
      const { hash } = await tableFromHistory(home, epoch);
      if (hash !== tableHash) logger.error({ epoch: String(epoch) }, "the inbox began with another table than home's");
      return;
    }
    const certificate = advanceIn(await this.#dataOf(log), epoch);
    if (!certificate) {
      logger.error(
        { epoch: String(epoch), transaction: log.transactionHash },
        "a header's certificate is not in its transaction",
      );
      return;
    }
    await take(headerVote(home.serviceId, signersEpoch, epoch, tableHash), certificate, tableHash);
  }

  async #certificate(log: Log): Promise<void> {
    const { home, take } = this.#parts;
    const found = certifiedVoteIn(await this.#dataOf(log));
    if (found?.vote.serviceId !== home.serviceId) return;
    try {
      await take(found.vote, found.certificate);
    } catch (error) {
      // Anybody can make a contract call that looks like a certificate's; unlike the inbox, consumers may not have checked it.
      if (!(error instanceof GlassboxError) || error.kind === "network" || error.kind === "bug") throw error;
      this.#parts.logger.info({ err: error, transaction: log.transactionHash }, "a certificate does not hold at home");
    }
  }

  async #dataOf({ transactionHash }: Log): Promise<string> {
    const transaction = await readChain(this.#parts.remote.provider.getTransaction(transactionHash));
    if (!transaction)
      throw new GlassboxError("network", "CHAIN_TRANSACTION_MISSING", `no transaction ${transactionHash}`);
    return transaction.data;
  }

  #epochs(): bigint[] {
    const prefix = `${this.#prefix}epoch/`;
    return this.#parts.store.keys(prefix).map((key) => BigInt(key.slice(prefix.length)));
  }

  /** A chain that does not answer must not make a header pass unseen. */
  async #untilTaken(take: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await take();
        return;
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        this.#parts.logger.warn({ err: error }, "what the service's chain shows could not be taken");
        if (error.kind !== "network" && !NOT_YET.has(error.code)) return;
        await sleep(this.#parts.pollMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
