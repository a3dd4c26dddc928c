import type { Hex } from "../core/bytes.ts";
import { fileRoot, rootList } from "../crypto/file-tree.ts";

/** The files of a dataset in the order of its root list and of `DatasetRegistry.publish`. */
export const DATASET_FILES = ["samples", "labels", "records", "accounts", "manifest"] as const;

/** One of a dataset's files. */
export type DatasetFileName = (typeof DATASET_FILES)[number];

/** The bytes of a dataset's files. */
export type DatasetFiles = Readonly<Record<DatasetFileName, Uint8Array>>;

/** The file roots of a dataset's files. */
export type DatasetRoots = Readonly<Record<DatasetFileName, Hex>>;

/** Computes the root of each file. */
export function datasetRoots(files: DatasetFiles): DatasetRoots {
  return {
    samples: fileRoot(files.samples),
    labels: fileRoot(files.labels),
    records: fileRoot(files.records),
    accounts: fileRoot(files.accounts),
    manifest: fileRoot(files.manifest),
  };
}

/** The dataset's own root: the root list of its files. */
export function datasetRoot(roots: DatasetRoots): Hex {
  return rootList(DATASET_FILES.map((name) => roots[name]));
}
