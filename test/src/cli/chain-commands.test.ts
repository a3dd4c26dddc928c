import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { encryptKey } from "../../../src/crypto/keystore.ts";
import { commandsOn, runCommand, runProcess } from "../../support/command-line.ts";
import { type Deployment, startDeployment } from "../../support/deployment.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const OPERATOR = 1;
const DELEGATOR = 7;
const STRANGER = 12;

describe("commands against a chain", function () {
  this.timeout(120_000);

  let deployment: Deployment;
  let folder: string;
  let operator: string;

  before(async () => {
    deployment = await startDeployment();
    folder = await mkdtemp(join(tmpdir(), "glassbox-cli-"));
    const sender = await deployment.sender(OPERATOR);
    operator = sender.address;
    await sender.send(deployment.contracts.OperatorRegistry.register.populateTransaction(operator, ""));
  });
  after(async () => {
    await deployment.stop();
    await rm(folder, { recursive: true });
  });

  const { on, refused } = commandsOn(() => deployment.flags);

  async function notFound(words: readonly string[], account: number | undefined, thing: string): Promise<void> {
    const { message } = await expectGlassboxError(on(words, account), "usage", "CLI_NOT_FOUND");
    expect(message).to.equal(`there is no ${thing}`);
  }

  describe("session", () => {
    it("refuses an address book of another chain before anything is sent", async () => {
      const path = join(folder, "mainnet.json");
      await writeFile(path, JSON.stringify({ ...deployment.book, chainId: 1 }));
      const argv = ["model", "create", "digits", "--rpc", deployment.chain.rpcUrl, "--address-book", path];
      const error = await expectGlassboxError(
        runCommand([...argv, "--dev-account", "0"]),
        "usage",
        "CHAIN_ID_MISMATCH",
      );
      expect(error.details).to.deep.equal({ chainId: 31337, expectedChainId: 1 });
      expect(await deployment.contracts.ModelRegistry.modelCount()).to.equal(0n);
    });

    it("refuses an address book of an earlier chain with the same id", async () => {
      const path = join(folder, "earlier.json");
      const nowhere = Object.fromEntries(
        Object.keys(deployment.book.contracts).map((name, index) => [name, `0x${String(index + 1).padStart(40, "9")}`]),
      );
      await writeFile(path, JSON.stringify({ ...deployment.book, contracts: nowhere }));
      const argv = ["model", "show", "1", "--rpc", deployment.chain.rpcUrl, "--address-book", path];
      await expectGlassboxError(runCommand(argv), "usage", "CHAIN_NOT_DEPLOYED");
    });

    it("refuses a broken or missing address book", async () => {
      const path = join(folder, "broken.json");
      const { Flow } = deployment.book.contracts;
      const cases = ["{", "null", "[]", JSON.stringify({ ...deployment.book, contracts: { Flow } })];
      const argv = ["model", "show", "1", "--rpc", deployment.chain.rpcUrl, "--address-book", path];
      await expectGlassboxError(runCommand(argv), "usage", "CHAIN_ADDRESS_BOOK_MISSING");
      for (const text of cases) {
        await writeFile(path, text);
        await expectGlassboxError(runCommand(argv), "usage", "CHAIN_ADDRESS_BOOK_INVALID");
      }
    });

    it("passes on what the deployment script refuses", async () => {
      const path = join(folder, "absent.json");
      const argv = ["deploy", "--params", path, "--rpc", deployment.chain.rpcUrl, "--dev-account", "0"];
      const error = await expectGlassboxError(runCommand(argv), "usage", "DEPLOY_PARAMS_MISSING");
      expect(error.message).to.equal(`no readable parameters at ${path}`);
      expect(error.hint).to.contain("deployments/params/31337.json");
    });

    it("asks for an account only to sign", async () => {
      await expectGlassboxError(on(["model", "create", "digits"]), "usage", "CLI_ACCOUNT_MISSING");
      await notFound(["model", "show", "1"], undefined, "model version 1");
    });

    it("names what an account without coin lacks", async () => {
      await writeFile(join(folder, "poor.json"), await encryptKey(new Uint8Array(32).fill(7), "long enough", 2));
      await writeFile(join(folder, "password.txt"), "long enough");
      const account = ["--keystore", join(folder, "poor.json"), "--password-file", join(folder, "password.txt")];
      const before = await deployment.contracts.ModelRegistry.modelCount();
      await expectGlassboxError(on(["model", "create", "digits", ...account]), "revert", "CHAIN_FUNDS_MISSING");
      const { code, stdout } = await runProcess(["model", "create", "digits", ...deployment.flags, ...account]);
      expect({ code, stdout }).to.deep.equal({ code: 3, stdout: "" });
      expect(await deployment.contracts.ModelRegistry.modelCount()).to.equal(before);
    });

    it("ends a process with 2 for whatever there is none of, be it read or written to", async () => {
      const cases = [
        [["compute", "job", "status", "9"], "JobRegistryUnknown"],
        [["compute", "job", "accept", "9", "--dev-account", "0"], "JobRegistryUnknown"],
        [["compute", "dispute", "show", "9"], "DisputeGameUnknown"],
        [["compute", "dispute", "expire", "9", "--dev-account", "0"], "DisputeGameUnknown"],
        [["model", "show", "9"], "ModelRegistryUnknownVersion"],
        [["dataset", "show", "9"], "DatasetRegistryUnknown"],
        [["operator", "join", "9", "--dev-account", "1"], "ServiceRegistryUnknownService"],
      ] as const;
      for (const [words, name] of cases) {
        const { code, stdout, stderr } = await runProcess([...words, ...deployment.flags, "--json"]);
        expect({ code, stdout }, words.join(" ")).to.deep.equal({ code: 2, stdout: "" });
        const { error } = JSON.parse(stderr) as { error: { code: string; details: Record<string, unknown> } };
        expect(error.code).to.equal("CLI_NOT_FOUND");
        expect(error.details["error"]).to.equal(name);
      }
    });

    it("ends a process with 3 and the contract's error if the chain refuses", async () => {
      const words = ["operator", "join", "storage", "--dev-account", "12", "--json"];
      const { code, stdout, stderr } = await runProcess([...words, ...deployment.flags]);
      expect({ code, stdout }).to.deep.equal({ code: 3, stdout: "" });
      const { error } = JSON.parse(stderr) as { error: Record<string, unknown> };
      const { address } = await deployment.sender(STRANGER);
      expect(error["details"]).to.deep.equal({ error: "ServiceRegistryNotOperator", arguments: [address] });
    });
  });

  describe("without storage workers", () => {
    it("files, datasets and jobs are refused before they cost anything", async () => {
      const cases = [
        [["storage", "upload", "package.json"], "STORAGE_NODES_MISSING"],
        [["dataset", "publish", "mnist", "--samples", "16"], "STORAGE_NODES_MISSING"],
        [["dataset", "publish", "cifar"], "CLI_SOURCE_UNKNOWN"],
        [["dataset", "publish", "mnist", "--samples", "1000"], "CLI_SAMPLES_INVALID"],
        [["dataset", "publish", "mnist", "--samples", "0"], "CLI_SAMPLES_INVALID"],
        [["dataset", "publish", "mnist", "--samples", "65536"], "CLI_NUMBER_INVALID"],
        [["compute", "job", "open", "--model", "1"], "CLI_OPTION_MISSING"],
        [["compute", "job", "open", "--model", "one", "--dataset", "1"], "CLI_NUMBER_INVALID"],
      ] as const;
      for (const [words, code] of cases) await expectGlassboxError(on(words, STRANGER), "usage", code);
      expect(await deployment.contracts.Flow.numSubmissions()).to.equal(0n);
      await notFound(["compute", "job", "accept", "1"], STRANGER, "job 1");
      await notFound(["dataset", "show", "1"], undefined, "dataset 1");
    });
  });

  describe("compute", () => {
    it("lists no games where there are none, and refuses what it can't list or play", async () => {
      const { value, text } = await on(["compute", "dispute", "list"]);
      expect({ value, text }).to.deep.equal({ value: { games: [] }, text: "no games" });
      await expectGlassboxError(on(["compute", "dispute", "list", "--claim", "1"]), "usage", "CLI_OPTION_MISSING");
      await expectGlassboxError(on(["compute", "dispute", "play", "1"]), "usage", "CLI_ACCOUNT_MISSING");
    });

    it("pays nothing to whom nothing is owed", async () => {
      await expectGlassboxError(on(["compute", "job", "claim"], STRANGER), "usage", "COMPUTE_NOTHING_OWED");
    });
  });

  describe("model", () => {
    it("is created by its first holder; its name is 1 to 64 bytes", async () => {
      const { value } = await on(["model", "create", "digits"], OPERATOR);
      expect(value).to.include({ name: "digits", holder: operator });
      expect(await deployment.contracts.ModelRegistry.ownerOf(value["modelId"] as bigint)).to.equal(operator);
      for (const name of ["", "n".repeat(65)])
        await refused(["model", "create", name], OPERATOR, "ModelRegistryBadName");
    });

    it("has no offers, shares or revenue before its first version", async () => {
      const image = join(folder, "digit.raw");
      await writeFile(image, new Uint8Array(784));
      await notFound(["model", "offer", "1", "--price", "0.1"], OPERATOR, "model version 1");
      await refused(["model", "offer", "1", "--price", "0.1"], STRANGER, "SettlementNotOperator");
      await notFound(["model", "claim", "1"], OPERATOR, "model version 1");
      await notFound(["model", "withdraw", "1"], OPERATOR, "model version 1");
      await notFound(["circuits", "build", "1"], undefined, "model version 1");
      await expectGlassboxError(on(["verify", "model", "1"]), "usage", "VERIFIER_VERSION_UNKNOWN");
      await expectGlassboxError(on(["model", "run", "1", image], DELEGATOR), "usage", "MODEL_NOT_OFFERED");
    });

    it("refuses a price, an image or a worker that is none before it asks the chain", async () => {
      const image = join(folder, "short.raw");
      await writeFile(image, new Uint8Array(783));
      const cases = [
        [["model", "offer", "1"], "CLI_OPTION_MISSING"],
        [["model", "offer", "1", "--price", "free"], "CLI_AMOUNT_INVALID"],
        [["model", "run", "1", image], "CLI_IMAGE_LENGTH"],
        [["model", "run", "1", join(folder, "absent.raw")], "CLI_FILE_MISSING"],
        [["model", "run", "1", image, "--worker", "here"], "CLI_URL_INVALID"],
      ] as const;
      for (const [words, code] of cases) await expectGlassboxError(on(words, DELEGATOR), "usage", code);
    });
  });
});
