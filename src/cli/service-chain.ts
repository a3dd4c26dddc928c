import type { JsonRpcProvider } from "ethers";

import { connectServiceInbox, type Contracts } from "../chain/contracts.ts";
import { connectChain } from "../chain/provider.ts";
import { readChain } from "../chain/read.ts";
import { ensureInput } from "../core/errors.ts";
import { openService, type ServiceHome } from "../staking/service-home.ts";
import type { RemoteInbox } from "../worker/set-relayer.ts";
import { parseAddress } from "./amounts.ts";
import type { Values } from "./command.ts";
import { serviceNamed } from "./services.ts";
import { textOf } from "./values.ts";

/** Reads the service that the user names from its home chain. */
export async function openNamedService(contracts: Contracts, values: Values): Promise<ServiceHome> {
  return openService(contracts, Number(await serviceNamed(contracts, textOf(values, "service"))));
}

/** Connects to the service's own chain, for as long as `work` takes. */
export async function withServiceChain(
  values: Values,
  work: (provider: JsonRpcProvider) => Promise<void>,
): Promise<void> {
  const provider = await connectChain(textOf(values, "serviceRpc"));
  try {
    await work(provider);
  } finally {
    provider.destroy();
  }
}

/** As `withServiceChain`, with the inbox that the user names. */
export async function withInbox(
  values: Values,
  work: (remote: RemoteInbox & { readonly provider: JsonRpcProvider }) => Promise<void>,
): Promise<void> {
  const address = parseAddress(textOf(values, "inbox"));
  await withServiceChain(values, async (provider) => {
    const code = await readChain(provider.getCode(address));
    ensureInput(code !== "0x", "CLI_INBOX_MISSING", `the service's chain has no contract at ${address}`, {
      hint: "check --inbox and --service-rpc, or create one with `glassbox service inbox`",
    });
    await work({ provider, inbox: connectServiceInbox(address, provider) });
  });
}
