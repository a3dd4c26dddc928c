import type { ChainClient } from "../../src/cli/network/local-chain.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../src/core/chain-ids.ts";

/** Another implementation of a development chain than the embedded one. Mines each transaction at once and a block every second. */
export const ANVIL: ChainClient = {
  args: (port) => [
    "node_modules/@foundry-rs/anvil/bin.mjs",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--chain-id",
    String(DEVELOPMENT_CHAIN_ID),
    "--hardfork",
    "osaka",
    "--block-time",
    "1",
    "--mixed-mining",
    "--accounts",
    "20",
  ],
  listening: "Listening on",
};
