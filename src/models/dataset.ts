import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { RECORD_BYTES } from "../core/record-layout.ts";
import { decodeTensor } from "../core/tensor.ts";

import { decodeAccounts } from "./accounts.ts";
import { labelsShape, samplesShape } from "./dataset-description.ts";
import type { DatasetFiles } from "./dataset-files.ts";
import { type DatasetManifest, decodeManifest } from "./manifest.ts";

/** A dataset whose files were read: lengths and padding are right, records are not yet checked. */
export interface Dataset {
  readonly manifest: DatasetManifest;
  readonly files: DatasetFiles;
  /** `count` x `sampleBytes` bytes without padding. */
  readonly samples: Uint8Array;
  /** `count` bytes. */
  readonly labels: Uint8Array;
  readonly accounts: readonly Hex[];
}

/**
 * Reads the files of a dataset.
 * @throws GlassboxError `MODELS_MANIFEST_INVALID`, `MODELS_ACCOUNTS_INVALID`, `MODELS_RECORDS_LENGTH`, or one of `TENSOR_...`.
 */
export function readDataset(files: DatasetFiles): Dataset {
  const manifest = decodeManifest(files.manifest);
  const expected = manifest.count * RECORD_BYTES;
  ensureCheck(
    files.records.length === expected,
    "MODELS_RECORDS_LENGTH",
    `expected ${expected} bytes of records, got ${files.records.length}`,
  );
  return {
    manifest,
    files,
    samples: decodeTensor(samplesShape(manifest), files.samples),
    labels: decodeTensor(labelsShape(manifest), files.labels),
    accounts: decodeAccounts(files.accounts),
  };
}

/** The real bytes of sample `index`. */
export function sampleAt(dataset: Dataset, index: number): Uint8Array {
  const { sampleBytes } = dataset.manifest;
  return dataset.samples.subarray(index * sampleBytes, (index + 1) * sampleBytes);
}
