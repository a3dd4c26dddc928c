import { createServer } from "node:net";
import { once } from "node:events";

import { JsonRpcProvider } from "ethers";

import { ensureInput } from "../../core/errors.ts";
import { connectChain } from "../../chain/provider.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import { Child } from "./child.ts";

/** Empty blocks keep coming at this pace, as on a live chain. */
const BLOCK_MS = 1_000;

/** Hardhat's own chain in a child process: transactions are mined at once, empty blocks every second. */
export interface EmbeddedChain {
  readonly rpcUrl: string;
  readonly provider: JsonRpcProvider;
  /** Lets `seconds` pass on the chain's clock and mines a block. */
  passSeconds(seconds: number): Promise<void>;
  /** Mines `count` empty blocks. */
  mineBlocks(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the embedded chain on `port`, or on a free one. */
export async function startEmbeddedChain(options: {
  readonly port: number | undefined;
  readonly logFolder: string;
  readonly signal: AbortSignal;
}): Promise<EmbeddedChain> {
  const port = options.port ?? (await freePort());
  const child = new Child({
    name: "chain",
    args: ["node_modules/hardhat/dist/src/cli.js", "node", "--hostname", "127.0.0.1", "--port", String(port)],
    logFolder: options.logFolder,
    signal: options.signal,
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await child.ready((line) => (line.startsWith("Started HTTP") ? true : undefined), 60_000, options.signal);
  const provider = await connectChain(rpcUrl, DEVELOPMENT_CHAIN_ID);
  await provider.send("evm_setIntervalMining", [BLOCK_MS]);
  return {
    rpcUrl,
    provider,
    passSeconds: async (seconds) => {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
    mineBlocks: async (count) => {
      await provider.send("hardhat_mine", [`0x${count.toString(16)}`]);
    },
    stop: async () => {
      provider.destroy();
      await child.stop();
    },
  };
}

/** Asks the operating system for a free port on the loopback interface. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  ensureInput(address !== null && typeof address === "object", "CLI_PORT_MISSING", "no free port");
  return address.port;
}
