import { resolve } from "node:path";

import { connectChain } from "../../chain/provider.ts";
import { parseAddressBook } from "../../chain/address-book.ts";
import { ensureInvariant } from "../../core/errors.ts";
import type { Handler } from "../command.ts";
import { buildContracts, runHardhat } from "../hardhat.ts";
import { loadAccount } from "../session.ts";
import { optionalTextOf } from "../values.ts";

/** Runs the Hardhat deployment script with the account that the settings name. */
export const deploy: Handler = async (context, values) => {
  const { rpc, addressBook } = context.settings;
  const params = optionalTextOf(values, "params");
  const provider = await connectChain(rpc.value);
  const { chainId } = await provider.getNetwork();
  provider.destroy();
  const account = await loadAccount(context.settings, Number(chainId));
  context.progress("compiling the contracts: some minutes the first time");
  await buildContracts(context.signal);
  context.progress("deploying the contracts");
  const output = await runHardhat(
    ["run", "scripts/deploy.ts", "--no-compile", "--network", "rpc"],
    {
      GLASSBOX_RPC_URL: rpc.value,
      GLASSBOX_DEPLOYER_KEY: account.privateKey,
      ...(params === undefined ? {} : { GLASSBOX_DEPLOY_PARAMS: resolve(params) }),
      ...(addressBook.value === undefined ? {} : { GLASSBOX_ADDRESS_BOOK: resolve(addressBook.value) }),
      ...(values["reset"] === true ? { GLASSBOX_DEPLOY_RESET: "1" } : {}),
    },
    context.signal,
  );
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  ensureInvariant(line !== undefined, "CLI_DEPLOY_SILENT", "the deployment script printed no address book");
  const { addressBook: path, ...book } = JSON.parse(line) as Record<string, unknown>;
  const { contracts } = parseAddressBook(book);
  const rows = Object.entries(contracts).map(([name, address]) => `${name.padEnd(18)} ${address}`);
  context.result({ addressBook: path, ...book }, [`wrote ${String(path)}`, ...rows].join("\n"));
};
