import { setImmediate as breathe } from "node:timers/promises";

import { type Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { type Eip712Domain, typedDataHasher } from "../crypto/eip712.ts";
import { LABEL_TYPE } from "../crypto/messages.ts";
import { type SignedDigest, signatureVerifier } from "../crypto/signature.ts";

import { type Dataset, sampleAt } from "./dataset.ts";
import { licenceHash, sourceHash } from "./dataset-description.ts";
import { contentSha256, labelHash } from "./label.ts";
import { decodeRecord, type SampleRecord } from "./record.ts";
import type { WorkOptions } from "./work-options.ts";

/** What a record is checked for. */
export const RECORD_CHECKS = [
  "form",
  "content-hash",
  "label-hash",
  "source",
  "licence",
  "accounts",
  "own-label",
  "duplicate",
  "label-signature",
] as const;

/** One of the checks of a record. */
export type RecordCheck = (typeof RECORD_CHECKS)[number];

/** One thing that is wrong with one record. */
export interface RecordFault {
  readonly record: number;
  readonly check: RecordCheck;
  readonly detail: string;
}

/** Signatures checked between two turns of the event loop: about 0.1 s. */
const BATCH = 256;

/**
 * Checks every record of a dataset against its row: content and label hashes, source, licence, that contributor and
 * labeller are two known accounts, that no content comes twice, and that the labeller signed the label.
 * About 0.4 ms a record on one core.
 * @param domain what the signatures must be bound to; a manifest may claim another one.
 * @returns all faults, in the order of records; none if the dataset holds what it says.
 */
export async function verifyRecords(
  dataset: Dataset,
  domain: Eip712Domain,
  options: WorkOptions = {},
): Promise<RecordFault[]> {
  const { count } = dataset.manifest;
  const faults: RecordFault[] = [];
  const hashLabel = typedDataHasher(domain, LABEL_TYPE);
  const licence = licenceHash(dataset.manifest.licence);
  const firstWithContent = new Map<Hex, number>();
  const signedBy = new Map<Hex, (SignedDigest & { readonly record: number })[]>();

  for (let i = 0; i < count; i++) {
    const fault = (check: RecordCheck, detail: string): void => void faults.push({ record: i, check, detail });
    const record = tryDecode(dataset, i, fault);
    if (record === undefined) continue;
    checkRow(dataset, i, record, licence, fault);
    const earlier = firstWithContent.get(record.contentSha256);
    if (earlier === undefined) firstWithContent.set(record.contentSha256, i);
    else fault("duplicate", `record ${earlier} has the same content`);
    const labeller = checkAccounts(dataset, record, fault);
    if (labeller === undefined) continue;
    const signed = signedBy.get(labeller) ?? [];
    signed.push({ record: i, digest: hashLabel(record), signature: record.labelSignature });
    signedBy.set(labeller, signed);
  }

  let done = 0;
  for (const [labeller, signed] of signedBy) {
    const verify = signatureVerifier(labeller);
    for (let start = 0; start < signed.length; start += BATCH) {
      options.signal?.throwIfAborted();
      options.onProgress?.(done, count);
      await breathe();
      const batch = signed.slice(start, start + BATCH);
      verify(batch).forEach((isValid, j) => {
        const record = batch[j]?.record;
        if (!isValid && record !== undefined)
          faults.push({ record, check: "label-signature", detail: `not a signature of this label by ${labeller}` });
      });
      done += batch.length;
    }
  }
  options.onProgress?.(count, count);
  return faults.sort((a, b) => a.record - b.record);
}

type Report = (check: RecordCheck, detail: string) => void;

function tryDecode(dataset: Dataset, index: number, fault: Report): SampleRecord | undefined {
  try {
    return decodeRecord(dataset.files.records, index);
  } catch (error) {
    if (!(error instanceof GlassboxError)) throw error;
    fault("form", error.message);
    return undefined;
  }
}

function checkRow(dataset: Dataset, index: number, record: SampleRecord, licence: Hex, fault: Report): void {
  const { manifest } = dataset;
  if (record.byteLength !== manifest.sampleBytes)
    fault("form", `states ${record.byteLength} bytes, a sample has ${manifest.sampleBytes}`);
  const content = contentSha256(sampleAt(dataset, index));
  if (record.contentSha256 !== content)
    fault("content-hash", `states ${record.contentSha256}, the sample has ${content}`);
  const label = dataset.labels[index] ?? manifest.classes;
  if (label >= manifest.classes) fault("label-hash", `the label is ${label}, there are ${manifest.classes} classes`);
  else if (record.labelHash !== labelHash(label))
    fault("label-hash", `states ${record.labelHash}, label ${label} has ${labelHash(label)}`);
  if (record.sourceHash !== sourceHash(manifest, index)) fault("source", `states the source ${record.sourceHash}`);
  if (record.licenceHash !== licence)
    fault("licence", `states the licence ${record.licenceHash}, the manifest's is ${licence}`);
}

/** The labeller's account, if the record names one. */
function checkAccounts(dataset: Dataset, record: SampleRecord, fault: Report): Hex | undefined {
  const contributor = dataset.accounts[record.contributor];
  const labeller = dataset.accounts[record.labeller];
  if (contributor === undefined || labeller === undefined) {
    fault(
      "accounts",
      `there are ${dataset.accounts.length} accounts, the record names ${record.contributor} and ${record.labeller}`,
    );
  } else if (sameAddress(contributor, labeller)) {
    fault("own-label", `${labeller} labels an own sample`);
  }
  return labeller;
}
