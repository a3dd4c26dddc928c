import { expect } from "chai";

import { RECORD_OFFSETS } from "../../../src/core/record-layout.ts";
import type { Eip712Domain } from "../../../src/crypto/eip712.ts";
import { readDataset } from "../../../src/models/dataset.ts";
import type { DatasetFiles } from "../../../src/models/dataset-files.ts";
import { verifyRecords } from "../../../src/models/verify-records.ts";
import { flipped, LABEL_DOMAIN, smallDataset, smallSource } from "../../support/small-dataset.ts";

const COUNT = 40;

async function faultsOf(files: DatasetFiles, domain: Eip712Domain = LABEL_DOMAIN): Promise<string[]> {
  const faults = await verifyRecords(readDataset(files), domain);
  return faults.map((fault) => `${fault.record}:${fault.check}`);
}

describe("verifyRecords", () => {
  let files: DatasetFiles;
  before(async () => {
    files = await smallDataset(COUNT);
  });

  it("finds nothing in an honest dataset", async () => {
    expect(await faultsOf(files)).to.deep.equal([]);
  });

  it("reports progress and stops when asked to", async () => {
    const seen: number[] = [];
    await verifyRecords(readDataset(files), LABEL_DOMAIN, { onProgress: (done) => seen.push(done) });
    expect(seen.at(-1)).to.equal(COUNT);
    const stopped = verifyRecords(readDataset(files), LABEL_DOMAIN, { signal: AbortSignal.abort() });
    expect(await stopped.catch((reason: unknown) => reason)).to.have.property("name", "AbortError");
  });

  const record = (index: number, field: keyof typeof RECORD_OFFSETS): number => index * 256 + RECORD_OFFSETS[field];
  const tampered: [string, (files: DatasetFiles) => Partial<DatasetFiles>, string[]][] = [
    ["a pixel", ({ samples }) => ({ samples: flipped(samples, 17 * 1024 + 783) }), ["17:content-hash"]],
    ["a label", ({ labels }) => ({ labels: flipped(labels, 17) }), ["17:label-hash"]],
    [
      "a signature",
      ({ records }) => ({ records: flipped(records, record(17, "labelSignature") + 40) }),
      ["17:label-signature"],
    ],
    [
      "a signature's last byte",
      ({ records }) => ({ records: flipped(records, record(17, "labelSignature") + 64) }),
      ["17:label-signature"],
    ],
    [
      "a content hash",
      ({ records }) => ({ records: flipped(records, record(17, "contentSha256")) }),
      ["17:content-hash", "17:label-signature"],
    ],
    [
      "a source",
      ({ records }) => ({ records: flipped(records, record(17, "sourceHash")) }),
      ["17:source", "17:label-signature"],
    ],
    [
      "a licence",
      ({ records }) => ({ records: flipped(records, record(17, "licenceHash")) }),
      ["17:licence", "17:label-signature"],
    ],
    ["a length", ({ records }) => ({ records: flipped(records, record(17, "byteLength")) }), ["17:form"]],
    ["padding", ({ records }) => ({ records: flipped(records, 17 * 256 + 255) }), ["17:form"]],
    ["a labeller", ({ records }) => ({ records: flipped(records, record(18, "labeller")) }), ["18:label-signature"]],
    [
      "a contributor that is no account",
      ({ records }) => ({ records: flipped(records, record(17, "contributor") + 1) }),
      ["17:accounts"],
    ],
  ];
  for (const [name, change, expected] of tampered) {
    it(`finds ${name} that was altered, and nothing else`, async () => {
      expect(await faultsOf({ ...files, ...change(files) })).to.deep.equal(expected);
    });
  }

  it("finds every signature of a labeller whose account was replaced", async () => {
    const accounts = flipped(files.accounts, 4 * 32 + 31);
    const expected = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 3 === 0);
    expect(await faultsOf({ ...files, accounts })).to.deep.equal(expected.map((i) => `${i}:label-signature`));
  });

  it("finds signatures for another contract or chain", async () => {
    expect(await faultsOf(files, { ...LABEL_DOMAIN, chainId: 1 })).to.have.length(COUNT);
    expect(await faultsOf(files, { ...LABEL_DOMAIN, verifyingContract: `0x${"11".repeat(20)}` })).to.have.length(COUNT);
  });

  it("finds a person who labels own samples", async () => {
    const accounts = files.accounts.slice();
    accounts.copyWithin(0, 4 * 32, 5 * 32);
    const source = await smallSource(COUNT);
    const own = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 3 === 0 && source.contributorOf(i) === 0);
    expect(await faultsOf({ ...files, accounts })).to.deep.equal(own.map((i) => `${i}:own-label`));
  });

  it("finds content that comes twice", async () => {
    const source = await smallSource(COUNT);
    const samples = source.samples.slice();
    const labels = source.labels.slice();
    samples.set(samples.subarray(0, 784), 5 * 784);
    labels[5] = Number(labels[0]);
    expect(await faultsOf(await smallDataset(COUNT, { samples, labels }))).to.deep.equal(["5:duplicate"]);
  });
});
