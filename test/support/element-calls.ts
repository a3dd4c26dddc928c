import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ContractFactory } from "ethers";

import { contractBytecode, contractInterface } from "../../src/chain/abi.ts";
import { startLocalChain } from "../../src/cli/network/local-chain.ts";
import { fromHex, isHex } from "../../src/core/bytes.ts";
import { ensureCheck } from "../../src/core/errors.ts";
import { ANVIL } from "./anvil.ts";

const SOURCE = "mocks/OneStepMock";
const WORD_BYTES = 32;

/** `OneStepMock` on a chain of its own. */
export interface ElementCalls {
  /** The element of each encoded case. */
  evaluate(cases: readonly Uint8Array[]): Promise<bigint[]>;
  stop(): Promise<void>;
}

/**
 * Starts the chain. It is the second client, which computes without tracing and thirty times as fast as the embedded one; and
 * calls are encoded here, since ethers takes longer over so many bytes than the chain.
 */
export async function startElementCalls(): Promise<ElementCalls> {
  const logFolder = await mkdtemp(join(tmpdir(), "glassbox-elements-"));
  const chain = await startLocalChain({ port: undefined, logFolder, client: ANVIL });
  const stop = async (): Promise<void> => {
    await chain.stop();
    await rm(logFolder, { recursive: true });
  };
  try {
    await chain.ready(new AbortController().signal);
    const signer = await chain.provider.getSigner(0);
    const factory = new ContractFactory(contractInterface(SOURCE), contractBytecode(SOURCE), signer);
    const mock = await factory.deploy();
    await mock.waitForDeployment();
    const to = await mock.getAddress();
    const selector = mock.interface.getFunction("elements")?.selector ?? "";
    return {
      evaluate: async (cases) =>
        words(await call(chain.rpcUrl, to, selector + encodeBytes(Buffer.concat(cases)))).slice(2),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function call(url: string, to: string, data: string): Promise<Uint8Array> {
  const request = { jsonrpc: "2.0", id: 1, method: "eth_call", params: [{ to, data }, "latest"] };
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(request) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
  ensureCheck(isHex(result), "TEST_CALL_FAILED", `the call failed: ${JSON.stringify(error)}`);
  return fromHex(result);
}

/** One argument of dynamic bytes. */
function encodeBytes(bytes: Buffer): string {
  const numbers = [WORD_BYTES, bytes.length].map((value) => value.toString(16).padStart(2 * WORD_BYTES, "0"));
  const padding = "0".repeat(2 * ((WORD_BYTES - (bytes.length % WORD_BYTES)) % WORD_BYTES));
  return numbers.join("") + bytes.toString("hex") + padding;
}

function words(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / WORD_BYTES }, (_, word) => {
    const at = word * WORD_BYTES;
    const high = view.getBigInt64(at);
    return [8, 16, 24].reduce((value, byte) => (value << 64n) | view.getBigUint64(at + byte), high);
  });
}
