import { fromHex, isHex } from "../../src/core/bytes.ts";
import { ensureCheck } from "../../src/core/errors.ts";
import type { CallChain } from "./call-chain.ts";

const WORD_BYTES = 32;

/** The element of each encoded case, by `OneStepMock`. */
export type ElementCalls = (cases: readonly Uint8Array[]) => Promise<bigint[]>;

/** Creates the contract. Calls are encoded here, since ethers takes longer over so many bytes than the chain. */
export async function deployElementCalls(chain: CallChain): Promise<ElementCalls> {
  const mock = await chain.deploy("mocks/OneStepMock");
  const to = await mock.getAddress();
  const selector = mock.interface.getFunction("elements")?.selector ?? "";
  return async (cases) => {
    const result = await call(chain.rpcUrl, to, selector + encodeBytes(Buffer.concat(cases)));
    // The list's offset and length come first.
    return words(result).slice(2);
  };
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
