import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { ROLES } from "../../src/cli/network/accounts.ts";
import { provePossession, waitForSeats } from "../../src/cli/demo/storage-steps.ts";
import { trainToAcceptance } from "../../src/cli/demo/training-steps.ts";
import { LmdbStore } from "../../src/db/lmdb-store.ts";
import { DATASET_FILES } from "../../src/models/dataset-files.ts";
import { FlowReader } from "../../src/storage/flow-reader.ts";
import { fileKey } from "../../src/storage/submission.ts";
import type { Report } from "../../src/verifier/report.ts";
import { ANVIL } from "../support/anvil.ts";
import { runProcess } from "../support/command-line.ts";
import { openSmallJob, type SmallNetwork, startSmallNetwork } from "../support/small-network.ts";

const ROUNDS = 2;

describe("one round of the main job on a second chain client", function () {
  this.timeout(300_000);

  let small: SmallNetwork;
  let stop: SmallNetwork["stop"] | undefined;
  let versionId: bigint;

  before(async () => {
    small = await startSmallNetwork({
      storageWorkers: 1,
      computeWorkers: 1,
      chainClient: ANVIL,
      deploy: async (rpcUrl, addressBookPath) => {
        const flags = ["--rpc", rpcUrl, "--address-book", addressBookPath, "--dev-account", String(ROLES.owner)];
        const { code, stdout, stderr } = await runProcess(["deploy", "--json", ...flags]);
        expect(code, stderr).to.equal(0);
        const { addressBook, ...book } = JSON.parse(stdout) as Record<string, unknown>;
        expect(addressBook).to.equal(addressBookPath);
        expect(JSON.parse(await readFile(addressBookPath, "utf8"))).to.deep.include(book);
      },
    });
    stop = small.stop;
  });

  after(async () => {
    await stop?.();
  });

  it("is another client", async () => {
    expect(await small.network.chain.provider.send("web3_clientVersion", [])).to.match(/^anvil/);
  });

  it("holds the dataset and proves possession of it", async () => {
    const { network, stage, dataset } = small;
    await waitForSeats(stage, network, dataset.submissions);
    await provePossession(stage, network, network.storageWorkers, 1);
  });

  it("trains, claims, and accepts a version", async () => {
    const { network, stage } = small;
    const { ModelRegistry } = network.contracts;
    const jobId = await openSmallJob(small, ROUNDS, 1);
    versionId = await trainToAcceptance(stage, network, jobId);
    expect(await ModelRegistry.versionCount()).to.equal(1n);
    expect((await ModelRegistry.version(versionId)).jobId).to.equal(jobId);
  });

  it("verifies without a key", async () => {
    const { code, report } = await verify();
    expect(code).to.equal(0);
    expect(report).to.include({ verdict: "pass", chainId: 31337 });
    expect(report.passed).to.be.above(ROUNDS);
    expect(report.skipped).to.deep.equal([]);
  });

  for (const name of ["samples", "records", "weights"] as const) {
    it(`fails at exactly the edge of the ${name} if the only copy in storage has another byte`, async () => {
      const restore = await alterStored(await submissionOf(name));
      try {
        const { code, report } = await verify();
        expect(code).to.equal(5);
        expect(report.failed).to.deep.equal([`file:${name}`]);
      } finally {
        await restore();
      }
    });
  }

  async function verify(): Promise<{ code: number | null; report: Report }> {
    const { code, stdout } = await runProcess(["verify", "model", String(versionId), "--json", ...small.flags]);
    return { code, report: JSON.parse(stdout) as Report };
  }

  async function submissionOf(name: "samples" | "records" | "weights"): Promise<number> {
    const { network, dataset } = small;
    if (name !== "weights") return dataset.submissions[DATASET_FILES.indexOf(name)] ?? -1;
    return Number((await network.contracts.ModelRegistry.version(versionId)).weightsSubmission);
  }

  /** Flips one bit of a submission's file in the storage worker's database. @returns what undoes it */
  async function alterStored(submission: number): Promise<() => Promise<void>> {
    const { network } = small;
    const worker = network.storageWorkers[0]!;
    const { root, byteLength } = await new FlowReader(network.contracts).submission(submission);
    const flip = async (): Promise<void> => {
      await worker.process.stop();
      const store = new LmdbStore(worker.dataFolder);
      const key = store.keys(`segment/${fileKey({ root, byteLength })}/`)[0] ?? "";
      const value = Uint8Array.from(store.get(key) ?? []);
      value[5]! ^= 1;
      await store.commit([{ key, value }]);
      await store.close();
      await network.restart(worker);
    };
    await flip();
    return flip;
  }
});
