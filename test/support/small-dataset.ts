import { buildDataset, type DatasetSource } from "../../src/models/build-dataset.ts";
import type { DatasetFiles } from "../../src/models/dataset-files.ts";
import { developmentDataset } from "../../src/models/development-dataset.ts";

/** The verifying contract of labels in tests that have no chain. */
export const LABEL_DOMAIN = {
  chainId: 31337,
  verifyingContract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
} as const;

/** The first digits of MNIST as a dataset source, with some of it replaced. */
export async function smallSource(count: number, changed: Partial<DatasetSource> = {}): Promise<DatasetSource> {
  const source = await developmentDataset({ seed: "test", split: "train", count, labelDomain: LABEL_DOMAIN });
  return { ...source, ...changed };
}

/** The files of {@link smallSource}. */
export async function smallDataset(count: number, changed: Partial<DatasetSource> = {}): Promise<DatasetFiles> {
  return buildDataset(await smallSource(count, changed));
}

/** A copy of some bytes with one of them flipped. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = Number(copy[at]) ^ 1;
  return copy;
}
