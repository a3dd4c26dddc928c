import { rm } from "node:fs/promises";

import { eventOf } from "../../chain/events.ts";
import { readLogs } from "../../chain/logs.ts";
import { GlassboxError } from "../../core/errors.ts";
import type { StorageClient } from "../../storage/storage-client.ts";
import { publishMnist, type PublishedDataset } from "../actions/publish-dataset.ts";
import { formatTokens } from "../amounts.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network, NetworkWorker } from "../network/network.ts";
import type { Stage } from "./stage.ts";

/** Epochs within which a worker without data has been slashed: tolerance, report, evidence. */
const MAX_EPOCHS_TO_SLASH = 8;

/** Stores and registers the dataset, and waits until every storage worker holds all of it. */
export async function publishDataset(
  stage: Stage,
  network: Network,
  storage: StorageClient,
  samples: number,
): Promise<PublishedDataset> {
  const { contracts, book, storageWorkers } = network;
  const published = await publishMnist(contracts, await network.sender(ROLES.owner), storage, {
    samples,
    chainId: book.chainId,
    signal: stage.signal,
    onFile: (name, bytes) => {
      stage.tell(`${name}: ${bytes} bytes stored`);
    },
  });
  await waitForSeats(stage, network, published.submissions);
  const { datasetId, count } = published;
  stage.tell(
    `dataset ${datasetId}: ${count} samples with signed labels, every row held ${storageWorkers.length} times`,
  );
  return published;
}

/** Waits until every storage worker has taken its seats in all rows of these submissions. */
export async function waitForSeats(stage: Stage, network: Network, submissions: readonly number[]): Promise<void> {
  const { Market } = network.contracts;
  const wanted = network.storageWorkers.length;
  for (const submission of submissions) {
    await stage.until(`seats of submission ${submission}`, 120, async () => {
      const [first, count] = await Market.defaultRows(submission);
      for (let row = first; row < first + count; row++) {
        const seats = await Market.seats(row);
        if (seats.length < wanted) return undefined;
      }
      return true;
    });
  }
}

/** Lets storage epochs pass, and waits in each until these workers have proven possession. */
export async function provePossession(
  stage: Stage,
  network: Network,
  workers: readonly NetworkWorker[],
  epochs: number,
): Promise<void> {
  const { StorageProofs } = network.contracts;
  for (let passed = 0; passed < epochs; passed++) {
    const epoch = await nextEpoch(network);
    for (const worker of workers) {
      const { address } = await network.sender(worker.role);
      await stage.until(`the answer of ${worker.url} in epoch ${epoch}`, 60, async () =>
        (await StorageProofs.hasAnswered(address, epoch)) ? true : undefined,
      );
    }
    stage.tell(`epoch ${epoch}: ${workers.length} storage workers opened their leaves`);
  }
}

/** Mines up to the first block of the next epoch. @returns its number */
async function nextEpoch(network: Network): Promise<bigint> {
  const { StorageProofs } = network.contracts;
  const epoch = (await StorageProofs.currentEpoch()) + 1n;
  const first = await StorageProofs.firstBlockOf(epoch);
  const head = await network.chain.provider.getBlockNumber();
  if (Number(first) > head) await network.chain.mineBlocks(Number(first) - head);
  return epoch;
}

/**
 * Makes a storage worker lose its data while it goes on running, and waits until its peers have reported it and the slash
 * is on chain.
 */
export async function loseDataAndGetCaught(stage: Stage, network: Network, worker: NetworkWorker): Promise<void> {
  const { StakePool } = network.contracts;
  const { address } = await network.sender(worker.role);
  const from = await network.chain.provider.getBlockNumber();
  await worker.process.kill();
  await rm(worker.dataFolder, { recursive: true, force: true });
  await network.restart(worker);
  stage.tell(`${worker.url} lost its data and runs on without`);
  const honest = network.storageWorkers.filter((other) => other !== worker);
  const topics = [StakePool.getEvent("StakeSlashed").fragment.topicHash, `0x${address.slice(2).padStart(64, "0")}`];
  for (let epochs = 0; epochs < MAX_EPOCHS_TO_SLASH; epochs++) {
    await provePossession(stage, network, honest, 1);
    const [log] = await readLogs(
      network.chain.provider,
      { address: await StakePool.getAddress(), topics: topics.map((topic) => topic.toLowerCase()) },
      from,
      await network.chain.provider.getBlockNumber(),
    );
    if (!log) continue;
    const receipt = await network.chain.provider.getTransactionReceipt(log.transactionHash);
    if (!receipt) continue;
    const { slashedWei } = eventOf(receipt, StakePool, "StakeSlashed");
    stage.tell(`${worker.url} was slashed ${formatTokens(slashedWei)} on evidence of its peers`);
    return;
  }
  throw new GlassboxError(
    "bug",
    "DEMO_NOT_CAUGHT",
    `${worker.url} was not slashed within ${MAX_EPOCHS_TO_SLASH} epochs`,
  );
}
