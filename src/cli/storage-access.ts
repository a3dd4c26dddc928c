import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { endpointUrl } from "../core/endpoint.ts";
import { FileDownloader } from "../storage/downloader.ts";
import { FlowReader } from "../storage/flow-reader.ts";
import { FlowWriter } from "../storage/flow-writer.ts";
import { StorageNodeClient } from "../storage/node-client.ts";
import type { FileSource } from "../storage/ports.ts";
import { StorageClient } from "../storage/storage-client.ts";
import type { Values } from "./command.ts";
import { textsOf } from "./values.ts";

/** The most storage workers that are asked. */
const MAX_NODES = 64n;

/** The storage workers that `--node` names, or else those of the storage service's operators on chain. */
async function storageNodes(contracts: Contracts, values: Values): Promise<StorageNodeClient[]> {
  const named = textsOf(values, "node");
  if (named.length > 0) return named.map((url) => new StorageNodeClient(url));
  const service = await readChain(contracts.StorageProofs.serviceId());
  const members = await readChain(contracts.ServiceRegistry.members(service, 0n, MAX_NODES));
  const endpoints = members.map((member) => contracts.OperatorRegistry.endpointOf(member));
  const urls = await readChain(Promise.all(endpoints));
  const usable = urls.map(endpointUrl).filter((url) => url !== undefined);
  return [...new Set(usable)].map((url) => new StorageNodeClient(url));
}

/** Reads from storage; what it returns is checked against the chain. */
export async function openDownloader(contracts: Contracts, values: Values): Promise<FileDownloader> {
  return new FileDownloader(await storageNodes(contracts, values), new FlowReader(contracts));
}

/** Reads from storage by submission. */
export async function openFiles(contracts: Contracts, values: Values): Promise<FileSource> {
  const downloader = await openDownloader(contracts, values);
  return { download: (submission, signal) => downloader.submission(submission, signal) };
}

/** Reads from storage and writes to it with an account. */
export async function openStorage(contracts: Contracts, sender: TxSender, values: Values): Promise<StorageClient> {
  const nodes = await storageNodes(contracts, values);
  // Nodes that the user names must all take a file; of those on chain, as many as a deal has seats.
  const isNamed = textsOf(values, "node").length > 0;
  const needed = isNamed ? nodes.length : Number(await readChain(contracts.Market.copies()));
  return new StorageClient(nodes, new FlowWriter(contracts, sender), needed);
}
