import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { expect } from "chai";
import {
  BrowserProvider,
  ContractFactory,
  JsonRpcProvider,
  keccak256,
  type JsonRpcApiProvider,
  type Signer,
} from "ethers";
import { artifacts, network } from "hardhat";

import { readBlockHeader } from "../../../src/chain/block-header.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";

type RpcBlock = Readonly<Record<string, unknown>>;

/** Deploys BlockSeeds, mines a little and records real headers of the chain. */
async function recordRealHeaders(provider: JsonRpcApiProvider, signer: Signer, mine: string): Promise<void> {
  const artifact = await artifacts.readArtifact("BlockSeeds");
  const factory = new ContractFactory(artifact.abi, artifact.bytecode, signer);
  const seeds = await factory.deploy();
  await seeds.waitForDeployment();
  for (let i = 0; i < 3; i++) await provider.send(mine, []);
  const head = Number(await provider.send("eth_blockNumber", []));
  for (const number of [1, head - 1, head]) {
    const header = await readBlockHeader(provider, number);
    const block = (await provider.send("eth_getBlockByNumber", [`0x${number.toString(16)}`, false])) as RpcBlock;
    expect(keccak256(header)).to.equal(block.hash);
    const sent = (await seeds.getFunction("record").send(header)) as { wait(): Promise<unknown> };
    await sent.wait();
    expect(await seeds.getFunction("seedOf").staticCall(number)).to.equal(block.mixHash);
    expect(await seeds.getFunction("timestampOf").staticCall(number)).to.equal(BigInt(String(block.timestamp)));
  }
}

async function startAnvil(): Promise<{ anvil: ChildProcess; url: string }> {
  const anvil = spawn("node_modules/.bin/anvil", ["--port", "0", "--hardfork", "osaka"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: anvil.stdout })) {
    const match = /Listening on (\S+)/.exec(line);
    if (match?.[1] !== undefined) return { anvil, url: `http://${match[1]}` };
  }
  return expect.fail("anvil ended before it listened");
}

describe("block headers", () => {
  it("are recorded by BlockSeeds on Hardhat's chain", async () => {
    const connection = await network.create();
    const provider = new BrowserProvider(connection.provider, undefined, { cacheTimeout: -1 });
    await recordRealHeaders(provider, await provider.getSigner(), "evm_mine");
    provider.destroy();
    await connection.close();
  });

  it("are recorded by BlockSeeds on anvil", async () => {
    const { anvil, url } = await startAnvil();
    const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, staticNetwork: true });
    try {
      await recordRealHeaders(provider, await provider.getSigner(0), "evm_mine");
    } finally {
      provider.destroy();
      anvil.kill();
      await once(anvil, "exit");
    }
  });

  describe("refuse", () => {
    let block: RpcBlock;

    before(async () => {
      const connection = await network.create();
      await connection.provider.request({ method: "evm_mine" });
      block = (await connection.provider.request({
        method: "eth_getBlockByNumber",
        params: ["0x1", false],
      })) as RpcBlock;
      await connection.close();
    });

    it("a block with an altered field", async () => {
      expect(await codeOf({ ...block, gasUsed: "0x1" })).to.equal("CHAIN_HEADER_MISMATCH");
    });

    it("a block without a field", async () => {
      expect(await codeOf({ ...block, mixHash: undefined })).to.equal("CHAIN_HEADER_MISMATCH");
    });

    it("a field that is no hex string", async () => {
      expect(await codeOf({ ...block, number: 1 })).to.equal("CHAIN_HEADER_MISMATCH");
    });

    it("a block that the node does not have", async () => {
      expect(await codeOf(null)).to.equal("CHAIN_BLOCK_MISSING");
    });
  });
});

/** The code that reading fails with where a node answers `block`. */
async function codeOf(block: RpcBlock | null): Promise<string> {
  const provider = new JsonRpcProvider(undefined, 31337, { staticNetwork: true });
  const send = (): Promise<unknown> => Promise.resolve(block);
  const code = await rejectionCodeOf(() => readBlockHeader(Object.assign(provider, { send }), 1));
  provider.destroy();
  return code;
}
