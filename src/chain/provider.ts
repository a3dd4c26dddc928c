import { JsonRpcProvider, Network } from "ethers";

import { DEVELOPMENT_CHAIN_ID } from "../core/chain-ids.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";

/**
 * Connects to an RPC endpoint and learns its chain id.
 * @param expectedChainId the address book's chain; another one is refused before anything is sent.
 * @throws GlassboxError `CHAIN_UNREACHABLE` or `CHAIN_ID_MISMATCH`.
 */
export async function connectChain(rpcUrl: string, expectedChainId?: number): Promise<JsonRpcProvider> {
  ensureInput(URL.canParse(rpcUrl), "CHAIN_URL_INVALID", `not a URL: ${rpcUrl}`);
  const chainId = await askChainId(rpcUrl);
  ensureInput(
    expectedChainId === undefined || chainId === expectedChainId,
    "CHAIN_ID_MISMATCH",
    `the chain at ${rpcUrl} has id ${chainId}, the address book is for ${expectedChainId}`,
    { details: { chainId, expectedChainId }, hint: "check --rpc and --address-book" },
  );
  const local = chainId === DEVELOPMENT_CHAIN_ID;
  return new JsonRpcProvider(rpcUrl, chainId, {
    staticNetwork: Network.from(chainId),
    cacheTimeout: -1,
    batchMaxCount: 1,
    pollingInterval: local ? 100 : 4_000,
  });
}

async function askChainId(rpcUrl: string): Promise<number> {
  try {
    const response = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal: AbortSignal.timeout(10_000),
    });
    const { result } = (await response.json()) as { result?: unknown };
    const chainId = Number(result);
    if (typeof result === "string" && Number.isSafeInteger(chainId) && chainId > 0) return chainId;
  } catch (cause) {
    throw unreachable(rpcUrl, cause);
  }
  throw unreachable(rpcUrl);
}

function unreachable(rpcUrl: string, cause?: unknown): GlassboxError {
  return new GlassboxError("network", "CHAIN_UNREACHABLE", `no Ethereum JSON-RPC endpoint answers at ${rpcUrl}`, {
    cause,
    hint: "check --rpc, or start a chain with `glassbox devnet`",
  });
}
