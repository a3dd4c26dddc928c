import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { parseEther } from "ethers";

import { Child } from "../../../src/cli/network/child.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { DATASET_FILES } from "../../../src/models/dataset-files.ts";
import { commandsOn } from "../../support/command-line.ts";
import { type Deployment, startDeployment } from "../../support/deployment.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { variedFile } from "../../support/files.ts";

const OWNER = 0;
const STRANGER = 12;

describe("commands against a chain and a storage worker", function () {
  this.timeout(180_000);

  let deployment: Deployment;
  let folder: string;
  let worker: Child;
  let url: string;

  before(async () => {
    deployment = await startDeployment();
    folder = await mkdtemp(join(tmpdir(), "glassbox-cli-"));
    const words = ["storage", "worker", "--data", join(folder, "store"), "--port", "0", "--dev-account", "1", "--json"];
    worker = new Child({
      name: "storage-worker",
      args: ["src/cli/main.ts", ...words, ...deployment.flags],
      logFolder: deployment.folder,
    });
    const ready = (line: string): string | undefined => (JSON.parse(line) as { url?: string }).url;
    url = await worker.ready(ready, 60_000, new AbortController().signal);
  });
  after(async () => {
    await worker.stop();
    await deployment.stop();
    await rm(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);

  const { on } = commandsOn(() => deployment.flags);

  const submissions = (): Promise<bigint> => deployment.contracts.Flow.numSubmissions();

  describe("storage", () => {
    it("stores a file and fetches it back, byte for byte", async () => {
      const bytes = variedFile(300_000);
      await writeFile(at("file.bin"), bytes);
      const { value } = await on(["storage", "upload", at("file.bin"), "--node", url], STRANGER);
      expect(value).to.deep.equal({ submission: 0, root: fileRoot(bytes), byteLength: bytes.length });
      await on(["storage", "download", "0", at("copy.bin"), "--node", url]);
      expect(Buffer.compare(await readFile(at("copy.bin")), bytes)).to.equal(0);
    });

    it("never replaces a file", async () => {
      await writeFile(at("mine.bin"), "mine");
      const attempt = on(["storage", "download", "0", at("mine.bin"), "--node", url]);
      await expectGlassboxError(attempt, "usage", "CLI_FILE_EXISTS");
      expect(await readFile(at("mine.bin"), "utf8")).to.equal("mine");
    });

    it("writes nothing for a submission that is not there, or that nobody holds", async () => {
      const unknown = await expectGlassboxError(
        on(["storage", "download", "9", at("none.bin"), "--node", url]),
        "usage",
        "CLI_NOT_FOUND",
      );
      expect(unknown.details["error"]).to.equal("FlowUnknownSubmission");
      const nowhere = on(["storage", "download", "0", at("none.bin"), "--node", "http://127.0.0.1:1"]);
      await expectGlassboxError(nowhere, "network", "STORAGE_FILE_UNAVAILABLE");
      expect(await readFile(at("none.bin")).catch(() => "absent")).to.equal("absent");
    });

    it("submits nothing for an empty or missing file", async () => {
      const before = await submissions();
      await writeFile(at("empty.bin"), "");
      const empty = on(["storage", "upload", at("empty.bin"), "--node", url], STRANGER);
      await expectGlassboxError(empty, "usage", "CRYPTO_FILE_EMPTY");
      const absent = on(["storage", "upload", at("absent.bin"), "--node", url], STRANGER);
      await expectGlassboxError(absent, "usage", "CLI_FILE_MISSING");
      expect(await submissions()).to.equal(before);
    });
  });

  describe("dataset", () => {
    it("is stored, registered and shown; the same samples give the same root", async () => {
      const publish = ["dataset", "publish", "mnist", "--samples", "16", "--node", url];
      const first = await on(publish, STRANGER);
      expect(first.value).to.include({ datasetId: 1n, count: 16 });
      expect(first.progress).to.have.length(DATASET_FILES.length);
      await on(publish, OWNER);
      const shown = (await on(["dataset", "show", "1"])).value;
      const again = (await on(["dataset", "show", "2"])).value;
      expect(shown).to.include({ datasetId: 1n, samples: 16n, publisher: (await deployment.sender(STRANGER)).address });
      expect(again["root"]).to.equal(shown["root"]);
      const files = shown["files"] as { name: string; submission: bigint; root: string }[];
      expect(files.map(({ name }) => name)).to.deep.equal(DATASET_FILES);
      for (const { submission, root } of files) {
        expect(await deployment.contracts.Flow.rootOf(submission)).to.equal(root);
      }
    });
  });

  describe("compute", () => {
    const open = ["compute", "job", "open", "--model", "1", "--dataset", "1", "--rounds", "2"];

    before(async () => {
      const owner = await deployment.sender(OWNER);
      await owner.send(deployment.contracts.Token.mint.populateTransaction(owner.address, parseEther("100")));
      await on(["model", "create", "digits"], OWNER);
    });

    it("opens a job for the holder of the model, who pays its fee and that of its audits", async () => {
      const { address } = await deployment.sender(OWNER);
      const before = await deployment.contracts.Token.balanceOf(address);
      const { value } = await on([...open, "--node", url], OWNER);
      expect(value).to.deep.equal({ jobId: 1n, modelId: 1n, datasetId: 1n });
      expect(await deployment.contracts.Token.balanceOf(address)).to.equal(before - parseEther("14"));
      const status = await on(["compute", "job", "status", "1"]);
      expect(status.value).to.include({ status: "open", rounds: 2n, opener: address, versionId: 0n });
      expect(status.value).to.include({ feeWei: parseEther("10"), auditFeeWei: parseEther("4") });
      expect(status.value).to.deep.include({ joined: [], lease: null, claim: null });
      expect(status.text).to.contain("joined    nobody");
    });

    it("opens none for anyone else, and accepts none that was not claimed", async () => {
      const attempt = on([...open, "--node", url], STRANGER);
      const stranger = await expectGlassboxError(attempt, "revert", "CHAIN_REVERTED");
      expect(stranger.details["error"]).to.equal("JobRegistryNotModelHolder");
      expect(await deployment.contracts.JobRegistry.jobCount()).to.equal(1n);
      const early = await expectGlassboxError(
        on(["compute", "job", "accept", "1"], STRANGER),
        "revert",
        "CHAIN_REVERTED",
      );
      expect(early.details["error"]).to.equal("JobRegistryWrongStatus");
    });
  });
});
