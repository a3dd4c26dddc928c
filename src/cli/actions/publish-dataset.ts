import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import { ACCOUNT_BYTES, RECORD_BYTES } from "../../core/record-layout.ts";
import { buildDataset } from "../../models/build-dataset.ts";
import { licenceHash } from "../../models/dataset-description.ts";
import { DATASET_FILES, type DatasetFileName } from "../../models/dataset-files.ts";
import { developmentDataset } from "../../models/development-dataset.ts";
import type { StorageClient } from "../../storage/storage-client.ts";

/** Names the development dataset's people; fixed, so that every run signs the same records. */
export const DEVELOPMENT_PEOPLE_SEED = "glassbox";

/** A dataset that was stored and registered. */
export interface PublishedDataset {
  readonly datasetId: bigint;
  readonly count: number;
  readonly submissions: readonly number[];
}

/**
 * Builds the development dataset from MNIST's training images, stores its five files and registers it.
 * @param samples how many images, a power of two, so that no row of the samples tensor is padding
 */
export async function publishMnist(
  contracts: Contracts,
  sender: TxSender,
  storage: StorageClient,
  options: {
    readonly samples: number;
    readonly chainId: number;
    readonly signal: AbortSignal;
    readonly onFile: (name: DatasetFileName, bytes: number) => void;
  },
): Promise<PublishedDataset> {
  const { samples, chainId, signal, onFile } = options;
  const verifyingContract = (await contracts.DatasetRegistry.getAddress()) as Hex;
  const source = await developmentDataset({
    seed: DEVELOPMENT_PEOPLE_SEED,
    split: "train",
    count: samples,
    labelDomain: { chainId, verifyingContract },
  });
  const files = await buildDataset(source, { signal });
  const roots: Hex[] = [];
  const submissions: number[] = [];
  for (const name of DATASET_FILES) {
    const stored = await storage.upload(files[name], signal);
    roots.push(stored.root);
    submissions.push(stored.submission);
    onFile(name, stored.byteLength);
  }
  const receipt = await sender.send(
    contracts.DatasetRegistry.publish.populateTransaction(
      roots as [Hex, Hex, Hex, Hex, Hex],
      submissions as [number, number, number, number, number],
      files.records.length / RECORD_BYTES,
      files.accounts.length / ACCOUNT_BYTES,
      licenceHash(source.description.licence),
    ),
  );
  const { datasetId } = eventOf(receipt, contracts.DatasetRegistry, "DatasetPublished");
  return { datasetId, count: samples, submissions };
}
