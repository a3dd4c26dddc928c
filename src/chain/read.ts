import type { Provider } from "ethers";

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
