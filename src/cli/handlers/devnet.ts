import { once } from "node:events";

import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import { toHex } from "../../core/bytes.ts";
import { addressOfSecretKey } from "../../crypto/address.ts";
import { developmentKey } from "../../crypto/development-keys.ts";
import { parseCount, parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { buildContracts } from "../hardhat.ts";
import { DEVELOPMENT_ACCOUNTS, ROLES } from "../network/accounts.ts";
import { ensurePortFree } from "../network/local-chain.ts";
import { startNetwork } from "../network/network.ts";
import { defaultAddressBookPath } from "../session.ts";
import { optionalTextOf, textOf } from "../values.ts";

/** Runs a network until Ctrl-C, then takes everything down. */
export const devnet: Handler = async (context, values) => {
  const portText = optionalTextOf(values, "port");
  const port = portText === undefined || portText === "0" ? undefined : parsePort(portText);
  const count = (name: string, flag: string, most: number): number => parseCount(textOf(values, name), flag, most);
  const storage = count("storageWorkers", "--storage-workers", ROLES.storageOperators.length);
  const compute = count("computeWorkers", "--compute-workers", ROLES.computeOperators.length);
  if (port !== undefined) await ensurePortFree(port);
  context.progress("compiling the contracts: some minutes the first time");
  await buildContracts(context.signal);
  const network = await startNetwork({
    port,
    storageWorkers: storage,
    computeWorkers: compute,
    keep: optionalTextOf(values, "keep"),
    addressBook: context.settings.addressBook.value ?? defaultAddressBookPath(DEVELOPMENT_CHAIN_ID),
    cacheDir: context.settings.cacheDir.value,
    signal: context.signal,
    onProgress: (line) => {
      context.progress(line);
    },
  });
  try {
    const { chain, book, storageWorkers, computeWorkers, watcher, consensusService } = network;
    const accounts = Array.from({ length: DEVELOPMENT_ACCOUNTS }, (_, index) => {
      const secretKey = developmentKey(DEVELOPMENT_CHAIN_ID, index);
      return { address: addressOfSecretKey(secretKey), privateKey: toHex(secretKey) };
    });
    const funded = Object.values(ROLES)
      .flat()
      .sort((a, b) => a - b)
      .join(", ");
    const urls = (workers: readonly { readonly url: string }[]): string[] => workers.map(({ url }) => url);
    context.result(
      {
        rpc: chain.rpcUrl,
        chainId: book.chainId,
        contracts: book.contracts,
        storageWorkers: urls(storageWorkers),
        indexer: storageWorkers[0]?.url ?? null,
        computeWorkers: urls(computeWorkers),
        watcher: watcher.url,
        accounts,
        consensusService: Number(consensusService),
      },
      [
        `chain            ${chain.rpcUrl} (id ${book.chainId})`,
        `address book     ${network.addressBookPath}`,
        `storage workers  ${urls(storageWorkers).join(" ")}`,
        `compute workers  ${urls(computeWorkers).join(" ")}`,
        `watcher          ${watcher.url}`,
        `consensus        service ${consensusService}, in which every operator has a seat`,
        `accounts         --dev-account 0 to ${DEVELOPMENT_ACCOUNTS - 1}; ${funded} have tokens`,
        "",
        "Ctrl-C stops everything. In another terminal:",
        `export GLASSBOX_RPC=${chain.rpcUrl}`,
      ].join("\n"),
    );
    if (!context.signal.aborted) await once(context.signal, "abort");
  } finally {
    await network.stop();
  }
};
