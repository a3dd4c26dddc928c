import { ZeroHash } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { readChain, type RawProvider } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { Hex } from "../core/bytes.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { followFlow } from "../storage/chain-follower.ts";
import { ContractMarket } from "../storage/contract-market.ts";
import { ContractProofs } from "../storage/contract-proofs.ts";
import { ContractSeeds } from "../storage/contract-seeds.ts";
import { EpochKeeper } from "../storage/epoch-keeper.ts";
import { FileStore } from "../storage/file-store.ts";
import { indexerMethods } from "../storage/indexer-methods.ts";
import { RowKeeper } from "../storage/row-keeper.ts";
import { SeedRecorder } from "../storage/seed-recorder.ts";
import { checkShard, WHOLE_FLOW, type ShardConfig } from "../storage/shard.ts";
import { SubmissionStore } from "../storage/submission-store.ts";
import { TaskGate } from "../storage/task-gate.ts";
import { zgsMethods } from "../storage/zgs-methods.ts";
import type { Logger } from "../telemetry/logger.ts";
import { reportChain } from "./chain-health.ts";
import { Coalesced } from "./coalesced.ts";
import { listen } from "./http-server.ts";
import { PeerDirectory } from "./peer-directory.ts";
import { Remembered } from "./remembered.ts";
import { createStorageServer } from "./storage-server.ts";

/** Segments checked and written at once, and those that may wait. */
const WRITES = { running: 4, waiting: 256 } as const;
/** Questions to other workers on behalf of strangers: each asks all of them. */
const LOOKUPS = { running: 2, waiting: 32 } as const;
/** How long the operators' endpoints are taken as they were, and how many are. */
const ENDPOINTS_MS = 10_000;
const MAX_ENDPOINTS = 256;
/** Bytes of segments that a worker takes unless it is told otherwise. */
const CAPACITY_BYTES = 256 * 2 ** 30;

/** What a storage worker is made of. The caller owns all of it and closes it after the worker. */
export interface StorageWorkerParts {
  readonly provider: RawProvider;
  readonly contracts: Contracts;
  /** Signs as the operator that holds the seats. */
  readonly sender: TxSender;
  readonly store: KeyValueStore;
  readonly logger: Logger;
  readonly chainId: number;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Base URL that others reach this worker at; the address it listens on if not given. */
  readonly publicUrl?: string;
  /** First block to read on an empty store: the deployment's. */
  readonly fromBlock: number;
  readonly pollMs: number;
  readonly shard?: ShardConfig;
  /** Bytes of segments it takes; 256 GiB if not given. Anybody who pays for a submission can send bytes, and bytes are kept. */
  readonly capacityBytes?: number;
}

/** A running storage worker. */
export interface StorageWorker {
  readonly url: string;
  /** Rejects if the worker can't go on; resolves after it was closed. */
  readonly failed: Promise<void>;
  /** Stops taking requests, finishes what was begun, and resolves. */
  close(): Promise<void>;
}

/** Starts a storage worker: serves files, follows the chain, takes seats, answers challenges, reports misses. */
export async function startStorageWorker(parts: StorageWorkerParts): Promise<StorageWorker> {
  const { contracts, sender, provider, logger, shard = WHOLE_FLOW } = parts;
  checkShard(shard);
  const stop = new AbortController();
  const files = new FileStore(parts.store, parts.capacityBytes ?? CAPACITY_BYTES);
  const submissions = new SubmissionStore(parts.store);
  const [flowAddress, market, proofs] = await Promise.all([
    contracts.Flow.getAddress(),
    ContractMarket.connect(contracts, sender),
    ContractProofs.connect(contracts, sender),
  ]);
  const seeds = new SeedRecorder(new ContractSeeds(contracts, sender, provider));
  const onEvent = (message: string, details: Readonly<Record<string, unknown>>): void => {
    logger.info(details, message);
  };
  const rows = new RowKeeper({ market, seeds, submissions, files, onEvent });
  const epochs = new EpochKeeper({ proofs, seeds, submissions, files, onEvent });
  let syncedBlock = (submissions.nextBlock ?? parts.fromBlock) - 1;

  const keep = async (keeper: { tick(head: number): Promise<void> }, head: number): Promise<void> => {
    try {
      await keeper.tick(head);
    } catch (error) {
      if (!stop.signal.aborted)
        logger.warn({ err: error, head }, "a keeper stumbled; it tries again at the next block");
    }
  };
  // Challenges come first: missing one costs stake.
  const keepers = new Coalesced<number>(async (head) => {
    await keep(epochs, head);
    await keep(rows, head);
  });
  const wake = (): void => {
    keepers.offer(syncedBlock);
  };

  let url = "";
  const self = (): { url: string; config: ShardConfig } => ({ url: parts.publicUrl ?? url, config: shard });
  const endpoints = new Remembered(ENDPOINTS_MS, () => operatorEndpoints(contracts, proofs));
  const lookups = new TaskGate(LOOKUPS.running, LOOKUPS.waiting);
  const directory = (): PeerDirectory =>
    new PeerDirectory({
      self: self(),
      hasFile: (root) => submissions.withRoot(root).some((item) => files.isComplete(item)),
      peerUrls: () => endpoints.get(),
      signal: stop.signal,
    });
  const methods = new Map([
    ...zgsMethods({
      files,
      submissions,
      shard,
      writes: new TaskGate(WRITES.running, WRITES.waiting),
      status: async () => {
        const block = await readChain(provider.getBlock(syncedBlock));
        return { chainId: parts.chainId, flowAddress, syncedBlock, syncedBlockHash: (block?.hash ?? ZeroHash) as Hex };
      },
      onFinalised: wake,
    }),
    ...indexerMethods({
      nodes: () => lookups.run(() => directory().nodes()),
      locate: (root) => lookups.run(() => directory().locate(root)),
    }),
  ]);
  const server = await createStorageServer(methods, logger);
  url = await listen(server, parts.host, parts.port);

  const following = followFlow({
    provider,
    contracts,
    store: submissions,
    fromBlock: parts.fromBlock,
    pollMs: parts.pollMs,
    signal: stop.signal,
    onBlock: (block, isNewest) => {
      syncedBlock = block;
      // Deals that look open while catching up may be closed long since.
      if (isNewest) wake();
    },
    onPoll: reportChain(stop.signal),
    onProblem: (message, error) => {
      logger.warn({ err: error }, message);
    },
  });
  // A worker that no longer learns from the chain must not go on serving as if it did.
  const failed = following.catch(async (error: unknown) => {
    logger.error({ err: error }, "following the chain failed");
    await server.close();
    throw error;
  });
  logger.info({ url, operator: sender.address }, "storage worker listens");
  const close = async (): Promise<void> => {
    stop.abort();
    await server.close();
    await failed;
    await keepers.idle();
  };
  failed.catch(() => undefined);
  return { url, failed, close };
}

async function operatorEndpoints(contracts: Contracts, proofs: ContractProofs): Promise<string[]> {
  const holders = (await proofs.holders()).slice(0, MAX_ENDPOINTS);
  return readChain(Promise.all(holders.map((holder) => contracts.OperatorRegistry.endpointOf(holder))));
}
