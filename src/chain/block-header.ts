import { encodeRlp, keccak256, toBeHex } from "ethers";

import { ensureCheck } from "../core/errors.ts";
import { readChain, type RawProvider } from "./read.ts";

/** The header's fields in the order in which they are hashed; those after `nonce` came with later forks. */
const FIELDS = [
  ["parentHash", "bytes"],
  ["sha3Uncles", "bytes"],
  ["miner", "bytes"],
  ["stateRoot", "bytes"],
  ["transactionsRoot", "bytes"],
  ["receiptsRoot", "bytes"],
  ["logsBloom", "bytes"],
  ["difficulty", "number"],
  ["number", "number"],
  ["gasLimit", "number"],
  ["gasUsed", "number"],
  ["timestamp", "number"],
  ["extraData", "bytes"],
  ["mixHash", "bytes"],
  ["nonce", "bytes"],
  ["baseFeePerGas", "number"],
  ["withdrawalsRoot", "bytes"],
  ["blobGasUsed", "number"],
  ["excessBlobGas", "number"],
  ["parentBeaconBlockRoot", "bytes"],
  ["requestsHash", "bytes"],
] as const;

/**
 * The RLP encoding of a block's header, whose keccak256 is the block's hash.
 * @throws GlassboxError `CHAIN_BLOCK_MISSING`, or `CHAIN_HEADER_MISMATCH` if the endpoint's fields do not hash to the block's hash.
 */
export async function readBlockHeader(provider: RawProvider, blockNumber: number): Promise<string> {
  const quantity = `0x${blockNumber.toString(16)}`;
  const block = (await readChain(provider.send("eth_getBlockByNumber", [quantity, false]))) as Record<
    string,
    unknown
  > | null;
  ensureCheck(block !== null, "CHAIN_BLOCK_MISSING", `the chain has no block ${blockNumber}`);
  const items: string[] = [];
  for (const [name, kind] of FIELDS) {
    const value = block[name];
    if (typeof value !== "string") break;
    items.push(kind === "bytes" ? value : minimal(value));
  }
  const header = encodeRlp(items);
  ensureCheck(
    keccak256(header) === block["hash"],
    "CHAIN_HEADER_MISMATCH",
    `the header of block ${blockNumber} does not hash to its hash`,
  );
  return header;
}

/** A number as RLP wants it: without leading zeros, zero as nothing. */
function minimal(quantity: string): string {
  const value = BigInt(quantity);
  return value === 0n ? "0x" : toBeHex(value);
}
