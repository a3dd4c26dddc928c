import { expect } from "chai";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { RECORD_BYTES, RECORD_OFFSETS } from "../../../src/core/record-layout.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { decodeAccounts, encodeAccounts } from "../../../src/models/accounts.ts";
import { buildDataset, type DatasetSource } from "../../../src/models/build-dataset.ts";
import { readDataset, sampleAt } from "../../../src/models/dataset.ts";
import { datasetRoot, datasetRoots, type DatasetFiles } from "../../../src/models/dataset-files.ts";
import { developmentPeople } from "../../../src/models/development-dataset.ts";
import { decodeManifest } from "../../../src/models/manifest.ts";
import { decodeRecord, encodeRecord } from "../../../src/models/record.ts";
import { LABEL_DOMAIN, smallDataset, smallSource } from "../../support/small-dataset.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";

describe("a dataset", () => {
  let source: DatasetSource;
  let files: DatasetFiles;
  before(async () => {
    source = await smallSource(40);
    files = await buildDataset(source);
  });

  it("has the same bytes every time", async () => {
    expect(datasetRoots(await smallDataset(40))).to.deep.equal(datasetRoots(files));
  });

  it("has other signatures for another contract", async () => {
    const labelDomain = { ...LABEL_DOMAIN, chainId: 1 };
    const other = await smallDataset(40, { description: { ...source.description, labelDomain } });
    expect(fileRoot(other.samples)).to.equal(fileRoot(files.samples));
    expect(fileRoot(other.records)).not.to.equal(fileRoot(files.records));
  });

  it("keeps samples in rows of 1,024 bytes, padded to a power of two of rows", () => {
    expect(files.samples.length).to.equal(64 * 1024);
    expect(files.labels.length).to.equal(256);
    expect(files.records.length).to.equal(40 * 256);
    expect(files.accounts.length).to.equal(7 * 32);
    const row = files.samples.subarray(3 * 1024, 4 * 1024);
    expect(row.subarray(0, 784)).to.deep.equal(Uint8Array.from(source.samples.subarray(3 * 784, 4 * 784)));
    expect(row.subarray(784).every((byte) => byte === 0)).to.equal(true);
    expect(files.samples.subarray(40 * 1024).every((byte) => byte === 0)).to.equal(true);
  });

  it("is read back as it was built", () => {
    const dataset = readDataset(files);
    const people = developmentPeople(31337, "test");
    expect(dataset.manifest.count).to.equal(40);
    expect(dataset.labels).to.deep.equal(Uint8Array.from(source.labels));
    expect(Buffer.from(sampleAt(dataset, 39)).equals(source.samples.subarray(39 * 784, 40 * 784))).to.equal(true);
    expect(dataset.accounts).to.deep.equal([...people.contributors, ...people.labellers].map((key) => key.address));
    const record = decodeRecord(files.records, 9);
    expect(record).to.include({ byteLength: 784, contributor: 3, labeller: 4 });
    expect(encodeRecord(record)).to.deep.equal(files.records.slice(9 * 256, 10 * 256));
  });

  it("has a manifest that names its files and its root is the root list", () => {
    const roots = datasetRoots(files);
    const { manifest, ...others } = roots;
    expect(decodeManifest(files.manifest).fileRoots).to.deep.equal(others);
    const list = [others.samples, others.labels, others.records, others.accounts, manifest];
    expect(datasetRoot(roots)).to.equal(fileRoot(Buffer.concat(list.map((root) => fromHex(root)))));
  });

  it("has a Croissant 1.1 manifest in canonical form", () => {
    const text = new TextDecoder().decode(files.manifest);
    const manifest = JSON.parse(text) as Record<string, unknown>;
    expect(manifest).to.include({ conformsTo: "http://mlcommons.org/croissant/1.1", "@type": "sc:Dataset" });
    expect(manifest).to.include.keys("@context", "name", "description", "license", "url", "creator", "datePublished");
    expect(Object.keys(manifest)).to.deep.equal(Object.keys(manifest).sort());
  });

  it("is not built from parts that do not fit", async () => {
    const invalid: Partial<DatasetSource>[] = [
      { samples: source.samples.subarray(1) },
      { labels: source.labels.subarray(1) },
      { labels: new Uint8Array(40).fill(10) },
      { contributorOf: () => 4 },
      { labellerOf: () => -1 },
      { contributors: source.labellers.map((labeller) => labeller.account), contributorOf: (i) => i % 3 },
    ];
    for (const changed of invalid) {
      expect(await rejectionCodeOf(() => smallDataset(40, changed))).to.equal("MODELS_DATASET_INVALID");
    }
  });

  it("is not read from files that do not fit", () => {
    const invalid: [Partial<DatasetFiles>, string][] = [
      [{ samples: files.samples.subarray(1) }, "TENSOR_LENGTH_MISMATCH"],
      [{ labels: new Uint8Array(512) }, "TENSOR_LENGTH_MISMATCH"],
      [{ records: files.records.subarray(256) }, "MODELS_RECORDS_LENGTH"],
      [{ accounts: files.accounts.subarray(1) }, "MODELS_ACCOUNTS_INVALID"],
      [{ accounts: new Uint8Array(0) }, "MODELS_ACCOUNTS_INVALID"],
      [{ manifest: files.manifest.subarray(1) }, "MODELS_MANIFEST_INVALID"],
      [{ manifest: Buffer.concat([files.manifest, Buffer.from("\n")]) }, "MODELS_MANIFEST_INVALID"],
      [{ manifest: Buffer.from("{}") }, "MODELS_MANIFEST_INVALID"],
      [{ manifest: Uint8Array.of(0xff) }, "MODELS_MANIFEST_INVALID"],
    ];
    for (const [changed, code] of invalid) {
      expect(() => readDataset({ ...files, ...changed }))
        .to.throw()
        .with.property("code", code);
    }
  });

  it("stops when asked to", async () => {
    const error = await buildDataset(source, { signal: AbortSignal.abort() }).catch((reason: unknown) => reason);
    expect(error).to.have.property("name", "AbortError");
  });
});

describe("records and accounts", () => {
  const record = {
    contentSha256: toHex(new Uint8Array(32).fill(1)),
    labelHash: toHex(new Uint8Array(32).fill(2)),
    sourceHash: toHex(new Uint8Array(32).fill(3)),
    licenceHash: toHex(new Uint8Array(32).fill(4)),
    labelSignature: new Uint8Array(65).fill(5),
    byteLength: 784,
    contributor: 6,
    labeller: 7,
  };

  it("keep their fields where the layout says", () => {
    const bytes = encodeRecord(record);
    expect(bytes.length).to.equal(RECORD_BYTES);
    expect(bytes[RECORD_OFFSETS.licenceHash]).to.equal(4);
    expect(Array.from(bytes.subarray(128, 205))).to.deep.equal([
      ...new Array<number>(65).fill(5),
      ...[0x10, 3, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0],
    ]);
  });

  it("refuse what does not fit", () => {
    for (const changed of [{ contributor: -1 }, { labeller: 2 ** 31 }, { byteLength: 0.5 }]) {
      expect(() => encodeRecord({ ...record, ...changed }))
        .to.throw()
        .with.property("code", "MODELS_RECORD_INVALID");
    }
    expect(() => encodeRecord({ ...record, labelSignature: new Uint8Array(64) }))
      .to.throw()
      .with.property("code", "MODELS_RECORD_INVALID");
    for (const at of [205, 255]) {
      const bytes = encodeRecord(record);
      bytes[at] = 1;
      expect(() => decodeRecord(bytes, 0))
        .to.throw()
        .with.property("code", "MODELS_RECORD_INVALID");
    }
    const negative = encodeRecord(record);
    negative[RECORD_OFFSETS.labeller + 3] = 0x80;
    expect(() => decodeRecord(negative, 0))
      .to.throw()
      .with.property("code", "MODELS_RECORD_INVALID");
    expect(() => decodeRecord(encodeRecord(record), 1))
      .to.throw()
      .with.property("code", "MODELS_RECORD_MISSING");
    expect(() => encodeAccounts([]))
      .to.throw()
      .with.property("code", "MODELS_ACCOUNTS_EMPTY");
    expect(() => decodeAccounts(new Uint8Array(32).fill(1)))
      .to.throw()
      .with.property("code", "MODELS_ACCOUNTS_INVALID");
  });
});
