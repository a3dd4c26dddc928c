import { setTimeout as sleep } from "node:timers/promises";

import type { Signer } from "ethers";

import type { Contracts } from "../../../src/chain/contracts.ts";
import type { RawProvider } from "../../../src/chain/read.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { delegateStake } from "../../../src/staking/deposits.ts";
import { registerOperator } from "../../../src/staking/operators.ts";
import { joinService } from "../../../src/staking/participation.ts";
import { FlowWriter } from "../../../src/storage/flow-writer.ts";
import { StorageNodeClient } from "../../../src/storage/node-client.ts";
import type { FileSource } from "../../../src/storage/ports.ts";
import { StorageClient } from "../../../src/storage/storage-client.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { startStorageWorker } from "../../../src/worker/storage-worker.ts";

const WAD = 10n ** 18n;
const STAKE_WEI = 1_000n * WAD;
const POLL_MS = 5;

/** What a keeper stands on. */
export interface KeeperGround {
  readonly provider: RawProvider;
  readonly contracts: Contracts;
  readonly signer: Signer;
}

/** An operator that stores every file under the market's deals. Its seat counts once the stake's delay has passed. */
export interface Keeper {
  readonly storage: FileSource;
  /** Submits files with one account, and waits until their deals are filled. @returns the places of the submissions */
  submit(sender: TxSender, files: readonly Uint8Array[]): Promise<number[]>;
  close(): Promise<void>;
}

/** Has an operator join the storage service, and starts its worker. */
export async function startKeeper({ provider, contracts, signer }: KeeperGround): Promise<Keeper> {
  const { Market, StorageProofs, Token } = contracts;
  const sender = await TxSender.create(signer);
  await registerOperator(contracts, sender, sender.address, "");
  await sender.send(Token.mint.populateTransaction(sender.address, STAKE_WEI));
  await delegateStake(contracts, sender, sender.address, STAKE_WEI);
  await joinService(contracts, sender, { serviceId: await StorageProofs.serviceId(), magnitudeWad: WAD });
  const worker = await startStorageWorker({
    provider,
    contracts,
    sender,
    store: new MemoryStore(),
    logger: createLogger("test", "silent"),
    chainId: 31337,
    host: "127.0.0.1",
    port: 0,
    fromBlock: 0,
    pollMs: POLL_MS,
  });
  const clientOf = (account: TxSender): StorageClient =>
    new StorageClient([new StorageNodeClient(worker.url)], new FlowWriter(contracts, account));
  const { signal } = new AbortController();
  return {
    storage: clientOf(sender),
    submit: async (account, files) => {
      const places: number[] = [];
      for (const bytes of files) places.push((await clientOf(account).upload(bytes, signal)).submission);
      for (const place of places) {
        while (!(await Market.isFilled(place, (await Market.currentEpoch()) + 1n))) {
          await provider.send("hardhat_mine", ["0x1"]);
          await sleep(POLL_MS);
        }
      }
      return places;
    },
    close: () => worker.close(),
  };
}
