import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { ZeroAddress } from "ethers";

import type { Child } from "../../../src/cli/network/child.ts";
import { startCommand, workerUrl } from "../../../src/cli/network/command-process.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { blsPublicKey, signVote } from "../../../src/crypto/bls.ts";
import { developmentKey } from "../../../src/crypto/development-keys.ts";
import { operatorBlsKey } from "../../../src/staking/bls-key.ts";
import { openService, type ServiceHome } from "../../../src/staking/service-home.ts";
import { type Vote, voteDigest } from "../../../src/staking/vote.ts";
import { voteToJson } from "../../../src/worker/vote-protocol.ts";
import { commandsOn } from "../../support/command-line.ts";
import { type Deployment, startDeployment } from "../../support/deployment.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { until } from "../../support/quorum-chain.ts";
import { voteFor } from "../../support/service-terms.ts";

const OPERATOR = 1;
const REPORTER = 9;
const RELAYER = 10;
const DELAY_SECONDS = 604_800;
const EPOCH_SECONDS = 3_600;

describe("commands of services", function () {
  this.timeout(120_000);

  const { signal } = new AbortController();
  const secretKey = operatorBlsKey(developmentKey(31337, OPERATOR), 0);
  let deployment: Deployment;
  let folder: string;
  let home: ServiceHome;
  let service: string;
  let inbox: string;
  let signer: Child | undefined;
  let watcher: Child | undefined;

  before(async () => {
    deployment = await startDeployment();
    folder = await mkdtemp(join(tmpdir(), "glassbox-service-"));
  });

  after(async () => {
    await signer?.stop();
    await watcher?.stop();
    await deployment.stop();
    await rm(folder, { recursive: true });
  });

  const { on } = commandsOn(() => deployment.flags);

  /** The service's own chain is the home chain here, as it may be. */
  const there = (): string[] => ["--service-rpc", deployment.chain.rpcUrl];

  function start(name: string, words: readonly string[], account: number): Child {
    const [, rpcUrl = "", , addressBookPath = ""] = deployment.flags;
    const settings = { rpcUrl, addressBookPath, cacheDir: folder, logFolder: folder };
    return startCommand(name, ["service", ...words, "--dev-account", String(account)], settings);
  }

  it("creates a service, or prints the transaction that would", async () => {
    const { EquivocationVerifier, ServiceRegistry } = deployment.contracts;
    const printed = await on(["service", "create", "--seats", "4", "--calldata"]);
    expect(printed.value).to.include({ to: await ServiceRegistry.getAddress(), value: "0" });
    const count = await ServiceRegistry.serviceCount();
    const { value } = await on(["service", "create", "--seats", "4", "--cap", "0.8"], 0);
    service = String(value["service"]);
    expect(service).to.equal(String(count + 1n));
    const params = await ServiceRegistry.service(service);
    expect(params.evidenceVerifier).to.equal(await EquivocationVerifier.getAddress());
    expect([params.seats, params.slashCapWad, params.sink, params.maxObligationSeconds]).to.deep.equal([
      4n,
      8n * 10n ** 17n,
      ZeroAddress,
      BigInt(DELAY_SECONDS),
    ]);
    home = await openService(deployment.contracts, Number(service));
  });

  it("refuses terms that make no service", async () => {
    const { ServiceRegistry } = deployment.contracts;
    const count = await ServiceRegistry.serviceCount();
    const create = (...words: string[]): Promise<unknown> => on(["service", "create", ...words], 0);
    await expectGlassboxError(create("--seats", "many"), "usage", "CLI_NUMBER_INVALID");
    await expectGlassboxError(create("--verifier", "0x12"), "usage", "CLI_ADDRESS_INVALID");
    await expectGlassboxError(create("--cap", "2"), "usage", "CLI_SHARE_INVALID");
    await expectGlassboxError(create("--seats", "201"), "usage", "CLI_NUMBER_INVALID");
    const nobody = `0x${"11".repeat(20)}`;
    await expectGlassboxError(create("--verifier", nobody), "usage", "CLI_VERIFIER_MISSING");
    await expectGlassboxError(create("--obligation", "999999999"), "revert", "CHAIN_REVERTED");
    expect(await ServiceRegistry.serviceCount()).to.equal(count);
  });

  it("has tables for services that votes are evidence for, and only those", async () => {
    await expectGlassboxError(on(["service", "table", "storage"]), "usage", "STAKING_OTHER_VERIFIER");
    await expectGlassboxError(on(["service", "table", "99"]), "usage", "CLI_NOT_FOUND");
    const early = on(["service", "table", service, "--epoch", "1"]);
    await expectGlassboxError(early, "usage", "STAKING_EPOCH_UNDEPLOYED");
    const late = ["service", "table", service, "--epoch", "99999999"];
    await expectGlassboxError(on(late), "usage", "STAKING_EPOCH_FUTURE");
    await expectGlassboxError(on([...late, "--build"], OPERATOR), "usage", "STAKING_EPOCH_FUTURE");
    expect((await on(["service", "table", service])).text).to.contain("no validators");
  });

  it("refuses to sign for an operator whose key is another one", async () => {
    const words = ["service", "sign", service, "--port", "0", "--data", join(folder, "refused")];
    await expectGlassboxError(on(words, OPERATOR), "usage", "WORKER_KEY_NOT_MINE");
  });

  it("refuses to sign with a token that is not there", async () => {
    const empty = join(folder, "empty.txt");
    await writeFile(empty, "\n");
    const words = ["service", "sign", service, "--data", join(folder, "refused"), "--token-file"];
    await expectGlassboxError(on([...words, empty], OPERATOR), "usage", "CLI_TOKEN_EMPTY");
    await expectGlassboxError(on([...words, join(folder, "absent.txt")], OPERATOR), "usage", "CLI_FILE_MISSING");
  });

  it("shows and builds the table of those who joined", async () => {
    const { Token } = deployment.contracts;
    const sender = await deployment.sender(OPERATOR);
    await sender.send(Token.mint.populateTransaction(sender.address, 10n ** 21n));
    await on(["operator", "register"], OPERATOR);
    await on(["operator", "keys", "--bls", "0"], OPERATOR);
    await on(["stake", "deposit", sender.address, "1000"], OPERATOR);
    await on(["operator", "join", service, "--seat", "2", "--magnitude", "1"], OPERATOR);
    await deployment.chain.passSeconds(DELAY_SECONDS + 2 * EPOCH_SECONDS);
    const seen = await on(["service", "table", service]);
    expect(seen.value).to.include({ table: null });
    expect(seen.text)
      .to.contain("not built")
      .and.to.match(new RegExp(`2 {2}${sender.address} {2}1,000 tokens, 100 %`));
    const built = await on(["service", "table", service, "--build"], OPERATOR);
    expect(built.value).to.deep.include({ hash: seen.value["hash"], rows: seen.value["rows"] });
    expect(built.text).to.contain("the same, at 0x");
  });

  it("creates an inbox, signs headers in a process, and relays", async () => {
    const created = await on(["service", "inbox", service, ...there()], 0);
    inbox = created.value["inbox"] as string;
    const token = join(folder, "token");
    await writeFile(token, "a secret\n");
    const first = String(created.value["epoch"]);
    const journal = ["--data", join(folder, "journal"), "--first-epoch", first, "--confirmations", "0"];
    signer = start("signer", ["sign", service, "--port", "0", "--token-file", token, ...journal], OPERATOR);
    const url = await workerUrl(signer, signal);
    await on(["operator", "update", "--endpoint", url], OPERATOR);
    await deployment.chain.passSeconds(EPOCH_SECONDS);
    const relayed = await on(["service", "relay", service, "--inbox", inbox, ...there(), "--once"], RELAYER);
    const events = relayed.values as { event: string; isCurrent?: boolean }[];
    expect(events.map(({ event }) => event)).to.deep.equal(["built", "advanced", "ended"]);
    expect(events.at(-1)?.isCurrent).to.equal(true);
  });

  it("refuses inboxes that are none, or not this service's", async () => {
    const relay = (of: string, at: string): Promise<unknown> =>
      on(["service", "relay", of, "--inbox", at, ...there(), "--once"], RELAYER);
    await expectGlassboxError(relay(service, `0x${"12".repeat(20)}`), "usage", "CLI_INBOX_MISSING");
    const other = String((await on(["service", "create", "--seats", "1"], 0)).value["service"]);
    await expectGlassboxError(relay(other, inbox), "check", "WORKER_INBOX_FOREIGN");
    const watch = on(["service", "watch", service, ...there(), "--data", join(folder, "unused")], REPORTER);
    await expectGlassboxError(watch, "usage", "CLI_OPTION_MISSING");
  });

  it("watches in a process, and slashes who votes twice", async () => {
    const { StakePool } = deployment.contracts;
    const remote = ["--inbox", inbox, ...there()];
    watcher = start("watcher", ["watch", service, ...remote, "--port", "0", "--data", join(folder, "votes")], REPORTER);
    const url = await workerUrl(watcher, signal);
    const { address } = await deployment.sender(OPERATOR);
    const epoch = (await on(["service", "table", service])).value["epoch"] as bigint;
    const stakeWei = await StakePool.stakeOf(address);
    for (const payload of [1, 2]) {
      const vote: Vote = voteFor(payload, { serviceId: Number(service), epoch });
      const signature = toHex(signVote(voteDigest(home.domain, vote), secretKey));
      const key = toHex(blsPublicKey(secretKey));
      const body = JSON.stringify({ scheme: "bls", vote: voteToJson(vote), key, signature });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(new URL("/v1/votes", url), { method: "POST", headers, body });
      expect(await answer.json()).to.deep.equal({ isNew: true, isConflict: payload === 2 });
    }
    await until(async () => (await StakePool.stakeOf(address)) < stakeWei);
  });
});
