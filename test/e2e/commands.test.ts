import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { parseEther } from "ethers";

import { Stage } from "../../src/cli/demo/stage.ts";
import { ROLES } from "../../src/cli/network/accounts.ts";
import { type Network, startNetwork } from "../../src/cli/network/network.ts";
import { CLAIM_FILES } from "../../src/compute/dispute/claimed-file.ts";
import { MNIST_IMAGE_BYTES, readMnist } from "../../src/models/mnist.ts";
import type { Report } from "../../src/verifier/report.ts";
import { commandsOn, runCommand, runProcess } from "../support/command-line.ts";
import { expectGlassboxError } from "../support/expect-error.ts";
import { startLyingNode } from "../support/lying-node.ts";

const [PROVIDER] = ROLES.computeOperators;
const STRANGER = 12;
const ROUNDS = 2;

/** The life of a model by hand: every step is a command that a user would type. */
describe("from a dataset to a verified model, by commands", function () {
  this.timeout(600_000);
  this.bail(true);

  let network: Network;
  let folder: string;
  let flags: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-commands-"));
    network = await startNetwork({
      port: undefined,
      storageWorkers: 3,
      computeWorkers: 1,
      keep: join(folder, "network"),
      addressBook: undefined,
      cacheDir: join(folder, "cache"),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const settings = ["--address-book", network.addressBookPath, "--cache-dir", join(folder, "cache")];
    flags = ["--rpc", network.chain.rpcUrl, ...settings];
  });
  after(async () => {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const { on, refused } = commandsOn(() => flags);

  it("publishes a dataset, creates a model and opens a job", async () => {
    await on(["dataset", "publish", "mnist", "--samples", "1024"], ROLES.owner);
    await on(["model", "create", "digits"], ROLES.owner);
    const open = ["compute", "job", "open", "--model", "1", "--dataset", "1", "--rounds", String(ROUNDS)];
    expect((await on(open, ROLES.owner)).value).to.include({ jobId: 1n });
  });

  it("trains and claims, but accepts nothing while the window is open", async () => {
    const data = join(folder, "coordinator");
    const words = ["compute", "coordinator", "1", "--data", data, "--watcher", network.watcher.url];
    const coordinator = network.start("coordinator", [...words, "--dev-account", String(ROLES.coordinator)]);
    const claimed = (line: string): true | undefined => (line.includes('"claimed"') ? true : undefined);
    await coordinator.ready(claimed, 300_000, new AbortController().signal);
    await coordinator.stop();
    const { value, text } = await on(["compute", "job", "status", "1"]);
    expect(value).to.include({ status: "claimed", versionId: 0n });
    expect(text).to.match(/^window/m);
    await refused(["compute", "job", "accept", "1"], STRANGER, "JobRegistryWindowOpen");
  });

  it("shows games against the claim, plays them as their author, and ends those whose turn has passed", async () => {
    const { DisputeGame, Token } = network.contracts;
    const bondWei = await DisputeGame.bondWei();
    const stranger = await network.sender(STRANGER);
    const { address: author } = await network.sender(ROLES.coordinator);
    await stranger.send(Token.mint.populateTransaction(stranger.address, 2n * bondWei));
    await stranger.send(Token.approve.populateTransaction(await DisputeGame.getAddress(), 2n * bondWei));
    for (let game = 0; game < 2; game++) await stranger.send(DisputeGame.open.populateTransaction(1n, 1));
    await stranger.send(DisputeGame.demand.populateTransaction(1n, CLAIM_FILES.indexOf("trace"), 0));
    const listed = await on(["compute", "dispute", "list", "--job", "1", "--claim", "1", "--account", author]);
    const games = listed.value["games"] as Record<string, unknown>[];
    expect(games.map(({ stage, turn }) => [stage, turn])).to.deep.equal([
      ["demanded", "author"],
      ["free", "challenger"],
    ]);
    expect(games[0]).to.include({ game: 1n, job: 1n, claim: 1, challenger: stranger.address, author, bondWei });
    await refused(["compute", "dispute", "expire", "1"], STRANGER, "DisputeGameTurnRunning");
    const play = ["compute", "dispute", "play", "1"];
    await expectGlassboxError(on(play, ROLES.owner), "usage", "COMPUTE_NOT_A_PLAYER");
    await expectGlassboxError(on(play, ROLES.coordinator), "usage", "CLI_OPTION_MISSING");

    const playing = on([...play, "--data", join(folder, "coordinator")], ROLES.coordinator);
    const stage = new Stage(new AbortController().signal, () => undefined);
    await stage.until("the author's leaf", 60, async () =>
      (await on(["compute", "dispute", "show", "1"])).value["stage"] === "free" ? true : undefined,
    );
    await expectGlassboxError(on(play, STRANGER), "check", "COMPUTE_GAME_HOPELESS");
    await network.chain.passSeconds(Number(await DisputeGame.budgetSeconds()) + 1);
    expect((await playing).value).to.include({ role: "author", stage: "lost" });
    const { value } = await on(["compute", "dispute", "show", "1"]);
    expect(value).to.include({ stage: "lost", turn: null, secondsLeft: null });
    const said = (value["transcript"] as { event: string }[]).map(({ event }) => event);
    expect(said).to.deep.equal(["GameOpened", "LeafDemanded", "LeafShown", "GameLost"]);

    const ended = await on(["compute", "dispute", "expire", "2"], ROLES.owner);
    expect(ended.value).to.deep.equal({ game: 2n, stage: "lost", winner: author });
    const claimed = await on(["compute", "job", "claim"], ROLES.coordinator);
    expect(claimed.value).to.deep.equal({
      account: author,
      jobsWei: 0n,
      gamesWei: bondWei / 2n,
      auditsWei: 0n,
      bountiesWei: 0n,
      laterWei: 0n,
    });
    await expectGlassboxError(on(["compute", "job", "claim"], ROLES.coordinator), "usage", "COMPUTE_NOTHING_OWED");
  });

  it("accepts after the window", async () => {
    const { params } = await network.contracts.JobRegistry.job(1n);
    await network.chain.passSeconds(Number(params.claimWindowSeconds) + 1);
    expect((await on(["compute", "job", "accept", "1"], STRANGER)).value).to.include({ versionId: 1n });
    expect((await on(["compute", "job", "status", "1"])).value).to.include({ status: "accepted", versionId: 1n });
    const sweep = ["compute", "job", "sweep", "1"];
    const early = await expectGlassboxError(on(sweep, STRANGER), "revert", "CHAIN_REVERTED");
    expect(early.details["error"]).to.equal("AuditDeskRevealOpen");
  });

  it("registers the version's key, once, for the holder of the model", async () => {
    const words = ["model", "register-key", "1"];
    await expectGlassboxError(on(words, STRANGER), "usage", "CLI_NOT_HOLDER");
    const { value } = await on(words, ROLES.owner);
    expect(value).to.include({ insecure: true, bondWei: await network.contracts.VerifierRegistry.bondWei() });
    expect((await on(["circuits", "build", "1"])).value).to.include({ keyHash: value["keyHash"], cached: true });
    await refused(words, ROLES.owner, "VerifierRegistryKeyExists");
    await expectGlassboxError(on([...words, "--committed"], ROLES.owner), "usage", "PROOFS_TWIN_LENGTH");
    for (const command of ["register-twin", "refute-twin"])
      await expectGlassboxError(on(["model", command, "1"], ROLES.owner), "usage", "PROOFS_TWIN_LENGTH");
    await refused(["model", "retire-key", "1", String(value["circuitId"])], STRANGER, "VerifierRegistryNotRegistrant");
    const collected = await on(["model", "collect-bonds", "1"], ROLES.owner);
    expect(collected.value).to.deep.equal({ versionId: 1n, keys: [], twins: [], amountWei: 0n });
  });

  it("sells proven answers at the provider's price", async () => {
    const { samples } = await readMnist("test", 1);
    const image = join(folder, "digit.raw");
    await writeFile(image, samples.subarray(0, MNIST_IMAGE_BYTES));
    const run = ["model", "run", "1", image];
    await expectGlassboxError(on(run, ROLES.consumer), "usage", "MODEL_NOT_OFFERED");
    const offer = await on(["model", "offer", "1", "--price", "0.5"], PROVIDER);
    expect(offer.value).to.include({ priceWei: parseEther("0.5"), priceVersion: 0 });
    const elsewhere = on([...run, "--worker", "http://127.0.0.1:1"], ROLES.consumer);
    await expectGlassboxError(elsewhere, "usage", "MODEL_NOT_OFFERED");
    const { address } = await network.sender(ROLES.consumer);
    const { Token } = network.contracts;
    const before = await Token.balanceOf(address);
    const first = await on(run, ROLES.consumer);
    expect(first.value).to.include({ rank: "open to challenge" });
    await expectGlassboxError(on(["model", "refute-key", "1", image], STRANGER), "check", "VERIFIER_NOTHING_TO_REFUTE");
    const second = await on([...run, "--worker", network.computeWorkers[0]?.url ?? ""], ROLES.consumer);
    expect(first.value).to.include({ feeWei: parseEther("0.5") });
    expect(second.value["answer"]).to.equal(first.value["answer"]);
    expect(second.value["transaction"]).not.to.equal(first.value["transaction"]);
    expect(await Token.balanceOf(address)).to.equal(before - parseEther("1"));
  });

  it("fetches the version's files, which answer and are measured without the chain", async () => {
    const model = join(folder, "model");
    const { value } = await on(["model", "download", "1", "--out", model]);
    const { weightsRoot, programRoot } = await network.contracts.ModelRegistry.version(1n);
    expect(value).to.include({ programRoot, weightsRoot });
    const bought = await on(["model", "run", "1", join(folder, "digit.raw")], ROLES.consumer);
    const computed = await runCommand(["model", "run", model, join(folder, "digit.raw")]);
    expect(computed.value["answer"]).to.equal(bought.value["answer"]);
    expect((await runCommand(["model", "eval", model, "--data", "mnist"])).value["accuracy"]).to.be.above(0.5);
    const shown = await on(["compute", "program", "show", "job:1"]);
    expect(shown.value["programRoot"]).to.equal(programRoot);
  });

  it("gives shares and their revenue to whom the allocation names", async () => {
    await expectGlassboxError(on(["model", "claim", "1"], STRANGER), "usage", "MODEL_NO_SHARES");
    await refused(["model", "withdraw", "1"], STRANGER, "ModelSharesNothingOwed");
    const claimed = await on(["model", "claim", "1"], ROLES.owner);
    const { value } = await on(["model", "show", "1"]);
    expect(value).to.include({ name: "digits", jobId: 1n, claimed: claimed.value["shares"], paidWei: 0n });
    const received = value["receivedWei"] as bigint;
    const due = (received * (claimed.value["shares"] as bigint)) / (value["shareSupply"] as bigint);
    expect((await on(["model", "withdraw", "1"], ROLES.owner)).value).to.include({ amountWei: due });
    expect((await on(["model", "claim", "1"], ROLES.owner)).value).to.include({ shares: 0n });
    expect((await on(["model", "show", "1"])).value).to.include({ paidWei: due });
  });

  it("verifies without a key; the report alone is on standard output", async () => {
    const { code, stdout, stderr } = await runProcess(["verify", "model", "1", "--json", ...flags]);
    const report = JSON.parse(stdout) as Report;
    expect({ code, failed: report.failed, verdict: report.verdict }).to.deep.equal({
      code: 0,
      failed: [],
      verdict: "pass",
    });
    expect(stderr).to.contain("checking training");
  });

  it("gives the workers' stake back, now that the job is over", async () => {
    const { JobRegistry } = network.contracts;
    const worker = (await network.sender(PROVIDER)).address;
    const stage = new Stage(new AbortController().signal, () => undefined);
    await stage.until("the worker's leave", 60, async () => !(await JobRegistry.isCovering(1n, worker)) || undefined);
    expect((await JobRegistry.coverageOf(1n, worker)).joinedAt > 0n).to.equal(true);
  });

  it("ends with 5 after the report if a stored byte was altered", async () => {
    const { weightsRoot } = await network.contracts.ModelRegistry.version(1n);
    const liar = await startLyingNode(network.storageWorkers[0]?.url ?? "", weightsRoot);
    try {
      const argv = ["verify", "model", "1", "--node", liar.url, ...flags];
      const { code, stdout, stderr } = await runProcess(argv);
      expect(code).to.equal(5);
      expect(stdout).to.contain("FAIL").and.contain("failed at file:weights");
      expect(stdout.match(/failed at/g)).to.have.length(1);
      expect(stderr).to.contain("VERIFIER_FAILED");
    } finally {
      liar.close();
    }
  });

  it("ends with 4, and no verdict, if no storage worker answers", async () => {
    const argv = ["verify", "model", "1", "--node", "http://127.0.0.1:1", ...flags];
    const { code, stdout } = await runProcess(argv);
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: "" });
  });
});
