import { setImmediate as breathe } from "node:timers/promises";

import type { Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { RECORD_BYTES } from "../core/record-layout.ts";
import { encodeTensor } from "../core/tensor.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataHasher } from "../crypto/eip712.ts";
import { LABEL_TYPE } from "../crypto/messages.ts";

import { encodeAccounts } from "./accounts.ts";
import { type DatasetDescription, labelsShape, samplesShape } from "./dataset-description.ts";
import type { DatasetFiles } from "./dataset-files.ts";
import { labelMessage } from "./label.ts";
import { encodeManifest } from "./manifest.ts";
import { encodeRecord } from "./record.ts";
import type { WorkOptions } from "./work-options.ts";

/** Somebody who signs labels. */
export interface Labeller {
  readonly account: Hex;
  /** Signs a digest with the account's key; 65 bytes r, s, v. */
  sign(digest: Uint8Array): Uint8Array;
}

/** What a dataset is made from. */
export interface DatasetSource {
  readonly description: DatasetDescription;
  /** `count` x `sampleBytes` bytes. */
  readonly samples: Uint8Array;
  /** `count` bytes, each below `classes`. */
  readonly labels: Uint8Array;
  readonly contributors: readonly Hex[];
  readonly labellers: readonly Labeller[];
  /** Index into `contributors` of whoever gave sample `index`. */
  contributorOf(index: number): number;
  /** Index into `labellers` of whoever signs the label of sample `index`. */
  labellerOf(index: number): number;
}

/** Records between two turns of the event loop: about 50 ms of signing. */
const BATCH = 128;

/**
 * Builds the files of a dataset: every label signed, one record a sample.
 * The accounts file lists the contributors, then the labellers. About 0.5 ms a sample, nearly all of it signing.
 * @throws GlassboxError `MODELS_DATASET_INVALID` for lengths that do not fit the description, an unknown label or a labeller of an own sample.
 */
export async function buildDataset(source: DatasetSource, options: WorkOptions = {}): Promise<DatasetFiles> {
  const { description, contributors, labellers } = source;
  const { count, sampleBytes, classes } = description;
  ensureLength("samples", source.samples.length, count * sampleBytes);
  ensureLength("labels", source.labels.length, count);
  const hashLabel = typedDataHasher(description.labelDomain, LABEL_TYPE);
  const records = new Uint8Array(count * RECORD_BYTES);
  for (let i = 0; i < count; i++) {
    if (i % BATCH === 0) {
      options.signal?.throwIfAborted();
      options.onProgress?.(i, count);
      await breathe();
    }
    const label = source.labels[i] ?? classes;
    ensureInput(label < classes, "MODELS_DATASET_INVALID", `label ${i} is not below ${classes}: ${label}`);
    const contributor = source.contributorOf(i);
    const labeller = labellers[source.labellerOf(i)];
    const contributorAccount = contributors[contributor];
    ensureInput(
      labeller !== undefined && contributorAccount !== undefined,
      "MODELS_DATASET_INVALID",
      `sample ${i} has no known contributor or labeller`,
    );
    ensureInput(
      !sameAddress(labeller.account, contributorAccount),
      "MODELS_DATASET_INVALID",
      `sample ${i} would be labelled by its own contributor ${contributorAccount}`,
    );
    const sample = source.samples.subarray(i * sampleBytes, (i + 1) * sampleBytes);
    const message = labelMessage(description, i, sample, label);
    const record = encodeRecord({
      ...message,
      labelSignature: labeller.sign(hashLabel(message)),
      byteLength: sampleBytes,
      contributor,
      labeller: contributors.length + source.labellerOf(i),
    });
    records.set(record, i * RECORD_BYTES);
  }
  options.onProgress?.(count, count);
  const files = {
    samples: encodeTensor(samplesShape(description), source.samples),
    labels: encodeTensor(labelsShape(description), source.labels),
    records,
    accounts: encodeAccounts([...contributors, ...labellers.map((labeller) => labeller.account)]),
  };
  return { ...files, manifest: encodeManifest(description, files) };
}

function ensureLength(name: string, actual: number, expected: number): void {
  ensureInput(actual === expected, "MODELS_DATASET_INVALID", `expected ${expected} bytes of ${name}, got ${actual}`);
}
