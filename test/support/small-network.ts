import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventOf } from "../../src/chain/events.ts";
import { openTrainingJob } from "../../src/cli/actions/open-job.ts";
import { publishMnist, type PublishedDataset } from "../../src/cli/actions/publish-dataset.ts";
import { Stage } from "../../src/cli/demo/stage.ts";
import { ROLES } from "../../src/cli/network/accounts.ts";
import type { Child } from "../../src/cli/network/child.ts";
import { type Network, type NetworkOptions, startNetwork } from "../../src/cli/network/network.ts";
import { openStorage } from "../../src/cli/storage-access.ts";
import type { StorageClient } from "../../src/storage/storage-client.ts";

const SAMPLES = 1_024;

/** A network of processes with a small dataset of real digits. */
export interface SmallNetwork {
  readonly network: Network;
  readonly storage: StorageClient;
  readonly dataset: PublishedDataset;
  readonly stage: Stage;
  /** Points the command line at the network. */
  readonly flags: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Starts a network and publishes the dataset. */
export async function startSmallNetwork(
  options: Pick<NetworkOptions, "storageWorkers" | "computeWorkers" | "chainClient" | "deploy">,
): Promise<SmallNetwork> {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-small-"));
  const { signal } = new AbortController();
  const network = await startNetwork({
    port: undefined,
    keep: folder,
    addressBook: undefined,
    cacheDir: join(folder, "cache"),
    signal,
    onProgress: () => undefined,
    ...options,
  });
  const stop = async (): Promise<void> => {
    await network.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const { contracts, book, chain, addressBookPath } = network;
    const owner = await network.sender(ROLES.owner);
    const storage = await openStorage(contracts, owner, {});
    const dataset = await publishMnist(contracts, owner, storage, {
      samples: SAMPLES,
      chainId: book.chainId,
      signal,
      onFile: () => undefined,
    });
    const stage = new Stage(signal, () => undefined);
    const flags = ["--rpc", chain.rpcUrl, "--address-book", addressBookPath];
    return { network, storage, dataset, stage, flags, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens a job for a model of its own, and waits until so many operators have joined. */
export async function openSmallJob(
  { network, storage, dataset, stage }: SmallNetwork,
  rounds: number,
  workers: number,
): Promise<bigint> {
  const { contracts } = network;
  const owner = await network.sender(ROLES.owner);
  const created = await owner.send(contracts.ModelRegistry.createModel.populateTransaction("digits"));
  const { modelId } = eventOf(created, contracts.ModelRegistry, "ModelCreated");
  const { datasetId } = dataset;
  const jobId = await openTrainingJob(contracts, owner, storage, { modelId, datasetId, rounds, signal: stage.signal });
  await stage.until(`${workers} workers to join job ${jobId}`, 60, async () =>
    (await contracts.JobRegistry.joined(jobId)).length === workers ? true : undefined,
  );
  return jobId;
}

/** Starts a coordinator's process for a job, on the journal that a former one of the same operator has left. */
export function startCoordinator({ network }: SmallNetwork, jobId: bigint, role: number = ROLES.coordinator): Child {
  const name = `coordinator-${role}-${jobId}`;
  const where = ["--data", join(network.folder, name), "--watcher", network.watcher.url];
  return network.start(name, ["compute", "coordinator", String(jobId), ...where, "--dev-account", String(role)]);
}
