import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { JsonRpcProvider, parseEther } from "ethers";

import { ROLES } from "../../src/cli/network/accounts.ts";
import { type Network, startNetwork } from "../../src/cli/network/network.ts";
import { type ProcessOutcome, runProcess } from "../support/command-line.ts";

const [STORAGE] = ROLES.storageOperators;
const DELEGATOR = ROLES.delegator;
/** Sends what others prepared. */
const EXECUTOR = 12;
/** Tokens that every operator of a network puts up. */
const OWN_STAKE_WEI = parseEther("2000");
const DELAY_SECONDS = 7 * 24 * 3_600;

/** What a delegator and the holder of a multisig type, each command in a process of its own. */
describe("stake, by commands", function () {
  this.timeout(300_000);
  this.bail(true);

  let network: Network;
  let folder: string;
  let flags: string[];
  let operator: string;
  let delegator: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-staking-"));
    network = await startNetwork({
      port: undefined,
      storageWorkers: 1,
      computeWorkers: 0,
      keep: join(folder, "network"),
      addressBook: undefined,
      cacheDir: join(folder, "cache"),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    flags = ["--rpc", network.chain.rpcUrl, "--address-book", network.addressBookPath];
    operator = (await network.sender(STORAGE)).address;
    delegator = (await network.sender(DELEGATOR)).address;
  });
  after(async () => {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function run(...words: string[]): Promise<ProcessOutcome> {
    return runProcess([...words, ...flags]);
  }

  /** The one JSON line of a command that works. */
  async function json(...words: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await run(...words, "--json");
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  it("shows without a key who can slash an operator", async () => {
    const { code, stdout, stderr } = await run("operator", "exposure", operator);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(stdout).to.contain("slashable  2,000 tokens");
    expect(stdout).to.contain("at risk      1,000 tokens: 50 % of the stake");
    expect(stdout).to.contain(`${network.book.contracts.StorageProofs} (StorageProofs), and nobody else`);
    const value = await json("operator", "exposure", operator);
    expect(value).to.include({ operator, slashableWei: OWN_STAKE_WEI.toString() });
    const [storage] = value["services"] as Record<string, unknown>[];
    expect(storage).to.include({ name: "storage", isMember: true, atRiskWei: (OWN_STAKE_WEI / 2n).toString() });
  });

  it("delegates with a permit, and shows the position by address alone", async () => {
    await json("stake", "deposit", operator, "10.5", "--dev-account", String(DELEGATOR));
    const value = await json("stake", "positions", delegator);
    const shares = parseEther("10.5").toString();
    expect(value).to.deep.include({
      account: delegator,
      positions: [{ operator, generation: "0", isRetired: false, shares, valueWei: shares }],
    });
  });

  it("refuses an early claim with its date, and pays after it", async () => {
    const account = ["--dev-account", String(DELEGATOR)];
    const asked = await json("stake", "withdraw", operator, "0.5", ...account);
    const request = String(asked["request"]);
    const early = await run("stake", "claim", request, ...account);
    expect(early).to.include({ code: 2, stdout: "" });
    const date = String(asked["unlocksAt"]).replace("T", " ").replace(".000Z", " UTC");
    expect(early.stderr).to.contain(`request ${request} can be claimed from ${date} (in `);
    expect(early.stderr).to.contain("[STAKING_REQUEST_LOCKED]");
    await network.chain.passSeconds(DELAY_SECONDS + 1);
    const { Token } = network.contracts;
    const before = await Token.balanceOf(delegator);
    expect(await json("stake", "claim", request, ...account)).to.include({ assetsWei: parseEther("0.5").toString() });
    expect(await Token.balanceOf(delegator)).to.equal(before + parseEther("0.5"));
  });

  it("prints what another account then sends through ethers alone", async () => {
    const { code, stdout, stderr } = await run("stake", "deposit", operator, "3", "--calldata");
    expect(code, stderr).to.equal(0);
    expect(stderr).to.match(/^1 of 2: Token\.approve\(.*\n2 of 2: StakePool\.deposit\(/);
    const { address } = await network.sender(EXECUTOR);
    const owner = await network.sender(ROLES.owner);
    await owner.send(network.contracts.Token.mint.populateTransaction(address, parseEther("3")));
    const provider = new JsonRpcProvider(network.chain.rpcUrl);
    try {
      const executor = await provider.getSigner(address);
      for (const line of stdout.trim().split("\n")) {
        const call = JSON.parse(line) as { to: string; data: string; value: string };
        expect(Object.keys(call)).to.deep.equal(["to", "data", "value"]);
        await (await executor.sendTransaction(call)).wait();
      }
    } finally {
      provider.destroy();
    }
    expect(await network.contracts.StakePool.sharesOf(operator, address)).to.equal(parseEther("3"));
    const withdrawal = await run("stake", "withdraw", operator, "all", "--calldata", "--from", address);
    expect(withdrawal.stdout.trim().split("\n")).to.have.length(1);
    expect(withdrawal.stderr).to.contain("StakePool.requestWithdrawFrom(").and.contain(`positions ${address}`);
    const nobody = await run("stake", "withdraw", operator, "all", "--calldata");
    expect(nobody).to.include({ code: 2, stdout: "" });
    expect(nobody.stderr).to.contain("CLI_FROM_MISSING");
  });
});
