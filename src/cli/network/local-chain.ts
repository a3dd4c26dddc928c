import { createServer } from "node:net";
import { once } from "node:events";

import type { JsonRpcProvider } from "ethers";

import { ensureInput, GlassboxError } from "../../core/errors.ts";
import { HARDHAT } from "../hardhat.ts";
import { connectChain } from "../../chain/provider.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import { Child } from "./child.ts";

/** Empty blocks keep coming at this pace, as on a live chain. */
const BLOCK_MS = 1_000;
const START_MS = 60_000;

/** A development chain in a child process: transactions are mined at once, empty blocks every second. */
export interface LocalChain {
  readonly rpcUrl: string;
  readonly provider: JsonRpcProvider;
  /** Waits until the chain answers. */
  ready(signal: AbortSignal): Promise<void>;
  /** Lets `seconds` pass on the chain's clock and mines a block. */
  passSeconds(seconds: number): Promise<void>;
  /** Mines `count` empty blocks. */
  mineBlocks(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A program that is a development chain. */
export interface ChainClient {
  /** Arguments of `node` that start it on a port of the loopback interface. */
  readonly args: (port: number) => readonly string[];
  /** How the line of output begins that says it listens. */
  readonly listening: string;
  /** Makes it mine transactions at once and an empty block every `BLOCK_MS`, unless its arguments did. */
  readonly prepare?: (send: (method: string, params: unknown[]) => Promise<unknown>) => Promise<void>;
}

/** Hardhat's own chain. */
const HARDHAT_NODE: ChainClient = {
  args: (port) => [HARDHAT, "node", "--hostname", "127.0.0.1", "--port", String(port)],
  listening: "Started HTTP",
  prepare: async (send) => {
    await send("evm_setIntervalMining", [BLOCK_MS]);
  },
};

/** Starts a chain on `port`, or on a free one; Hardhat's own unless another client is given. Call `ready` before anything else. */
export async function startLocalChain(options: {
  readonly port: number | undefined;
  readonly logFolder: string;
  readonly client?: ChainClient;
}): Promise<LocalChain> {
  const port = options.port ?? (await freePort());
  const client = options.client ?? HARDHAT_NODE;
  const child = new Child({ name: "chain", args: client.args(port), logFolder: options.logFolder });
  const rpcUrl = `http://127.0.0.1:${port}`;
  let provider: JsonRpcProvider | undefined;
  const send = (method: string, params: unknown[]): Promise<unknown> => connected().send(method, params);
  const connected = (): JsonRpcProvider => {
    if (!provider) throw new GlassboxError("bug", "CLI_CHAIN_NOT_READY", "the chain was used before it was ready");
    return provider;
  };
  return {
    rpcUrl,
    get provider() {
      return connected();
    },
    ready: async (signal) => {
      await child.ready((line) => (line.startsWith(client.listening) ? true : undefined), START_MS, signal);
      provider = await connectChain(rpcUrl, DEVELOPMENT_CHAIN_ID);
      await client.prepare?.(send);
    },
    passSeconds: async (seconds) => {
      await send("evm_increaseTime", [seconds]);
      await send("evm_mine", []);
    },
    mineBlocks: async (count) => {
      await send("hardhat_mine", [`0x${count.toString(16)}`]);
    },
    stop: async () => {
      provider?.destroy();
      await child.stop();
    },
  };
}

/** @throws GlassboxError `CLI_PORT_TAKEN` unless `port` of the loopback interface is free. */
export async function ensurePortFree(port: number): Promise<void> {
  try {
    await freePort(port);
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_PORT_TAKEN", `can't listen on 127.0.0.1:${port}`, {
      cause,
      hint: "choose another --port, or leave it out for a free one",
    });
  }
}

/** Asks the operating system for a free port on the loopback interface, or whether `wanted` is one. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  ensureInput(address !== null && typeof address === "object", "CLI_PORT_MISSING", "no free port");
  return address.port;
}
