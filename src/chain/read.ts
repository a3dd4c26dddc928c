import type { Provider } from "ethers";

import { GlassboxError } from "../core/errors.ts";
import { chainError } from "./revert.ts";

/** A provider that also passes raw calls on. */
export type RawProvider = Provider & {
  send(method: string, params: unknown[]): Promise<unknown>;
};

/** Awaits a read of the chain, so that whatever it throws has a name. */
export async function readChain<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw chainError(error);
  }
}

/** The time of the newest block, in seconds. */
export async function chainTime(provider: Provider): Promise<bigint> {
  const block = await readChain(provider.getBlock("latest"));
  if (!block) throw new GlassboxError("network", "CHAIN_BLOCK_MISSING", "the endpoint has no newest block");
  return BigInt(block.timestamp);
}
