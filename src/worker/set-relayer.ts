import { setTimeout as sleep } from "node:timers/promises";

import { type Provider, ZeroAddress } from "ethers";

import type { ServiceInbox } from "../chain/contracts.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { equalBytes, toHex } from "../core/bytes.ts";
import { ensureCheck, ensureInvariant, GlassboxError } from "../core/errors.ts";
import { epochAt, type ServiceHome } from "../staking/service-home.ts";
import { decodeTable, tableHash } from "../staking/table.ts";
import { homeProvider, readTable } from "../staking/table-history.ts";
import { headerVote } from "../staking/vote.ts";
import type { Logger } from "../telemetry/logger.ts";
import { collectCertificate, type SignerUrls } from "./header-votes.ts";

/** Seats of a table that are built in one transaction: a third of what one may use. */
const PAGE_SEATS = 100;

/** A service's inbox on its own chain. */
export interface RemoteInbox {
  readonly inbox: ServiceInbox;
  readonly provider: Provider;
}

/** What a relayer is made of. */
export interface SetRelayerOptions {
  readonly home: ServiceHome;
  readonly remote: RemoteInbox;
  /** Pays for tables at home. */
  readonly homeSender: TxSender;
  /** Pays for the inbox's progress. */
  readonly remoteSender: TxSender;
  readonly urls: SignerUrls;
  readonly pollMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RelayEvent) => void;
}

/** What a relayer tells of its progress. */
export type RelayEvent =
  | { readonly event: "built"; readonly epoch: bigint; readonly table: string; readonly rows: number }
  | { readonly event: "advanced"; readonly epoch: bigint; readonly signersEpoch: bigint; readonly absent: number };

/**
 * Keeps an inbox at the present epoch until the signal aborts. It keeps nothing itself: whoever starts again finds on both chains
 * what is done, and several relayers do not disturb each other.
 * @throws GlassboxError `WORKER_INBOX_FOREIGN`, `WORKER_INBOX_FALSE`, `WORKER_INBOX_DEAD`: nothing that a relayer can mend.
 */
export async function relaySets(options: SetRelayerOptions): Promise<void> {
  await ensureInboxOf(options.home, options.remote);
  const isStopped = (): boolean => options.signal.aborted;
  while (!isStopped()) {
    try {
      await relayOnce(options);
    } catch (error) {
      if (isStopped()) return;
      if (!(error instanceof GlassboxError) || error.kind === "check" || error.kind === "bug") throw error;
      options.logger.warn({ err: error }, "the inbox was not advanced; trying again");
    }
    await sleep(options.pollMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/**
 * Brings the inbox to the present epoch, if enough validators sign.
 * @returns whether the inbox has the present epoch now
 * @throws GlassboxError as `relaySets`, or what a chain refuses.
 */
export async function relayOnce(options: SetRelayerOptions): Promise<boolean> {
  const { home, remote, remoteSender, urls, logger, signal, onEvent } = options;
  const { inbox, provider } = remote;
  const epoch = epochAt(home, await chainTime(homeProvider(home)));
  const [signersEpoch, maxAge, remoteNow] = await readChain(
    Promise.all([inbox.newestEpoch(), inbox.maxAgeSeconds(), chainTime(provider)]),
  );
  if (signersEpoch >= epoch) return true;
  const isAlive = signersEpoch * home.epochSeconds + maxAge >= remoteNow;
  ensureCheck(
    isAlive,
    "WORKER_INBOX_DEAD",
    `the inbox's newest set, of epoch ${signersEpoch}, is too old to be followed`,
    {
      hint: "a dead inbox is never re-keyed: the service moves to a new one",
    },
  );
  // The service's chain may be behind.
  if (remoteNow < epoch * home.epochSeconds) return false;

  const table = await builtTable(epoch, options);
  const vote = headerVote(home.serviceId, signersEpoch, epoch, tableHash(table));
  const rows = decodeTable(await signersTable(signersEpoch, options));
  const certificate = await collectCertificate({ home, rows, vote, urls, logger, signal });
  if (!certificate) {
    logger.warn({ epoch: epoch.toString() }, "too few validators signed the header");
    return false;
  }
  const { signature, absentees } = certificate;
  const call = inbox.advance.populateTransaction(epoch, toHex(table), { signature: toHex(signature), absentees });
  try {
    await remoteSender.send(call);
  } catch (error) {
    // Another relayer may have been first.
    if ((await readChain(inbox.newestEpoch())) < epoch) throw error;
    return true;
  }
  const absent = absentees.toString(2).replaceAll("0", "").length;
  onEvent({ event: "advanced", epoch, signersEpoch, absent });
  return true;
}

/**
 * Checks what an inbox was created with, which nobody else does.
 * @throws GlassboxError `WORKER_INBOX_FOREIGN`.
 */
export async function ensureInboxOf(home: ServiceHome, { inbox }: RemoteInbox): Promise<void> {
  const [serviceId, epochSeconds, maxAgeSeconds, domain, expectedDomain] = await readChain(
    Promise.all([
      inbox.serviceId(),
      inbox.epochSeconds(),
      inbox.maxAgeSeconds(),
      inbox.domainSeparator(),
      home.quorum.domainSeparator(),
    ]),
  );
  const isSame =
    Number(serviceId) === home.serviceId && epochSeconds === home.epochSeconds && domain === expectedDomain;
  const message = `the inbox ${await inbox.getAddress()} is not one of service ${home.serviceId} of this home chain`;
  ensureCheck(isSame, "WORKER_INBOX_FOREIGN", message);
  const leavesTime = maxAgeSeconds < home.delaySeconds;
  const late = `the inbox believes sets for ${maxAgeSeconds} s, and evidence counts for ${home.delaySeconds} s only`;
  ensureCheck(leavesTime, "WORKER_INBOX_FOREIGN", late);
}

/** The home table of an epoch, which is built if it is not yet, in as many transactions as it takes. */
export async function builtTable(
  epoch: bigint,
  { home, homeSender, onEvent }: Pick<SetRelayerOptions, "home" | "homeSender"> & Partial<SetRelayerOptions>,
): Promise<Uint8Array> {
  const { quorum, serviceId } = home;
  const pages = Math.ceil(home.seats / PAGE_SEATS);
  for (let page = 0; ; page++) {
    const address = await readChain(quorum.tableOf(serviceId, epoch));
    if (address !== ZeroAddress) {
      const table = await readTable(homeProvider(home), address);
      if (page > 0) onEvent?.({ event: "built", epoch, table: address, rows: decodeTable(table).length });
      return table;
    }
    ensureInvariant(page < pages, "WORKER_TABLE_UNFINISHED", `epoch ${epoch} has no table after ${pages} pages`);
    try {
      await homeSender.send(quorum.buildTable.populateTransaction(serviceId, epoch, PAGE_SEATS));
    } catch (error) {
      // Anybody may build, so somebody may have built the last page.
      if ((await readChain(quorum.tableOf(serviceId, epoch))) === ZeroAddress) throw error;
    }
  }
}

/** The table of the inbox's newest set: if it is not the home chain's, its signers do not count for anything. */
async function signersTable(epoch: bigint, { home, homeSender, remote }: SetRelayerOptions): Promise<Uint8Array> {
  const remoteTable = await readTable(remote.provider, await readChain(remote.inbox.tableOf(epoch)));
  const homeTable = await builtTable(epoch, { home, homeSender });
  const isTrue = equalBytes(remoteTable, homeTable);
  ensureCheck(isTrue, "WORKER_INBOX_FALSE", `the inbox has another table for epoch ${epoch} than the home chain`, {
    hint: "`glassbox service watch` brings the evidence home; the service moves to a new inbox",
  });
  return remoteTable;
}
