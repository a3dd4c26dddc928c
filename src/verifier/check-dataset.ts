import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { decodeAccounts } from "../models/accounts.ts";
import { type Dataset, readDataset } from "../models/dataset.ts";
import { licenceHash } from "../models/dataset-description.ts";
import { DATASET_FILES, type DatasetFileName, datasetRoot } from "../models/dataset-files.ts";
import type { WorkOptions } from "../models/work-options.ts";
import { type RecordCheck, RECORD_CHECKS, verifyRecords } from "../models/verify-records.ts";

import { checkFile } from "./check-files.ts";
import type { ChainReader, DatasetFacts, FileReader } from "./ports.ts";
import type { EdgeGroup, Finding } from "./report.ts";

/** What later checks need of a dataset. A file is there if storage returned it; whether records hold is judged apart. */
export interface DatasetFindings {
  readonly files: Readonly<Record<DatasetFileName, Finding<Uint8Array>>>;
  readonly accounts: Finding<readonly Hex[]>;
}

const TITLES: Readonly<Record<RecordCheck, string>> = {
  form: "records are well-formed",
  "content-hash": "records match their samples",
  "label-hash": "records match their labels",
  source: "records name their source",
  licence: "records carry the licence",
  accounts: "contributors and labellers are known",
  "own-label": "nobody labels an own sample",
  duplicate: "no sample comes twice",
  "label-signature": "labels are signed by their labellers",
};

/** Re-checks a dataset: its files, its root, its manifest, and every record against its row and signature. */
export async function checkDataset(
  group: EdgeGroup,
  chain: ChainReader,
  reader: FileReader,
  facts: DatasetFacts,
  options: WorkOptions = {},
): Promise<DatasetFindings> {
  await group.check({ id: "dataset:root", title: "the dataset's root is the list of its files", needs: [] }, () => {
    const actual = datasetRoot(facts.roots);
    ensureCheck(
      actual === facts.root,
      "VERIFIER_DATASET_ROOT",
      `the list has root ${actual}, published is ${facts.root}`,
    );
    return { value: actual, detail: facts.root };
  });
  const files = {} as Record<DatasetFileName, Finding<Uint8Array>>;
  for (const name of DATASET_FILES) {
    files[name] = await checkFile(
      group,
      reader,
      { name, file: facts.files[name], root: facts.roots[name] },
      options.signal,
    );
  }
  const accounts = await checkAccounts(group, facts, files.accounts);
  const dataset = await group.check(
    {
      id: "dataset:manifest",
      title: "the manifest describes the files",
      needs: [files.samples, files.labels, files.records, files.accounts, files.manifest],
    },
    (samples, labels, records, accountsFile, manifest) => {
      const read = readDataset({ samples, labels, records, accounts: accountsFile, manifest });
      ensureManifest(read, chain, facts);
      return { value: read, detail: `${read.manifest.name} ${read.manifest.version}, ${read.manifest.licence}` };
    },
  );
  await checkRecords(group, chain, dataset, options);
  return { files, accounts };
}

async function checkAccounts(
  group: EdgeGroup,
  facts: DatasetFacts,
  file: Finding<Uint8Array>,
): Promise<Finding<readonly Hex[]>> {
  return group.check({ id: "dataset:accounts", title: "contributors and labellers", needs: [file] }, (bytes) => {
    const accounts = decodeAccounts(bytes);
    ensureCheck(
      accounts.length === facts.accountCount,
      "VERIFIER_ACCOUNT_COUNT",
      `the file lists ${accounts.length} accounts, published were ${facts.accountCount}`,
    );
    return { value: accounts, detail: `${accounts.length} accounts` };
  });
}

function ensureManifest({ manifest }: Dataset, chain: ChainReader, facts: DatasetFacts): void {
  for (const [name, root] of Object.entries(manifest.fileRoots)) {
    const published = facts.roots[name as DatasetFileName];
    ensureCheck(
      root === published,
      "VERIFIER_MANIFEST_FILES",
      `the manifest says ${name} is ${root}, published is ${published}`,
    );
  }
  ensureCheck(
    manifest.count === facts.count,
    "VERIFIER_MANIFEST_COUNT",
    `the manifest says ${manifest.count} samples, published are ${facts.count}`,
  );
  const licence = licenceHash(manifest.licence);
  ensureCheck(
    licence === facts.licenceHash,
    "VERIFIER_MANIFEST_LICENCE",
    `the licence has hash ${licence}, published is ${facts.licenceHash}`,
  );
  const { chainId, verifyingContract } = manifest.labelDomain;
  ensureCheck(
    chainId === chain.chainId && verifyingContract.toLowerCase() === chain.contracts.DatasetRegistry.toLowerCase(),
    "VERIFIER_MANIFEST_DOMAIN",
    `labels are signed for ${verifyingContract} on chain ${chainId}`,
  );
}

/** One edge per kind of check; where records fail, one edge for each of them in its place. */
async function checkRecords(
  group: EdgeGroup,
  chain: ChainReader,
  dataset: Finding<Dataset>,
  options: WorkOptions,
): Promise<void> {
  const records = group.group("records", "records");
  const domain = { chainId: chain.chainId, verifyingContract: chain.contracts.DatasetRegistry };
  const read = dataset.outcome?.value;
  const faults = read === undefined ? [] : await verifyRecords(read, domain, options);
  for (const check of RECORD_CHECKS) {
    const found = faults.filter((fault) => fault.check === check);
    if (found.length === 0) {
      await records.check({ id: `records:${check}`, title: TITLES[check], needs: [dataset] }, ({ manifest }) => ({
        value: undefined,
        detail: `${manifest.count} records`,
      }));
    }
    for (const fault of found) {
      records.fail(`record:${fault.record}:${check}`, `record ${fault.record}: ${check}`, fault.detail);
    }
  }
}
