import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet } from "ethers";

import { type AddressBook, readAddressBook } from "../../src/chain/address-book.ts";
import { connectContracts, type Contracts } from "../../src/chain/contracts.ts";
import { TxSender } from "../../src/chain/tx-sender.ts";
import { runHardhat } from "../../src/cli/hardhat.ts";
import { type LocalChain, startLocalChain } from "../../src/cli/network/local-chain.ts";
import { toHex } from "../../src/core/bytes.ts";
import { developmentKey } from "../../src/crypto/development-keys.ts";

/** A chain in a process of its own with a whole deployment, and no workers. */
export interface Deployment {
  readonly chain: LocalChain;
  readonly contracts: Contracts;
  readonly book: AddressBook;
  readonly folder: string;
  /** Points the command line at it. */
  readonly flags: readonly string[];
  /** A sender of the development mnemonic. */
  sender(index: number): Promise<TxSender>;
  stop(): Promise<void>;
}

/** Starts a chain and runs the deployment script against it. */
export async function startDeployment(): Promise<Deployment> {
  const { signal } = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), "glassbox-deployment-"));
  const chain = await startLocalChain({ port: undefined, logFolder: folder });
  const stop = async (): Promise<void> => {
    await chain.stop();
    await rm(folder, { recursive: true });
  };
  try {
    await chain.ready(signal);
    const bookPath = join(folder, "addresses.json");
    const environment = {
      GLASSBOX_RPC_URL: chain.rpcUrl,
      GLASSBOX_DEPLOYER_KEY: toHex(developmentKey(31337, 0)),
      GLASSBOX_ADDRESS_BOOK: bookPath,
      GLASSBOX_DEPLOYMENT_ID: `test-${process.pid}`,
    };
    await runHardhat(["run", "scripts/deploy.ts", "--no-compile", "--network", "rpc"], environment, signal);
    const book = await readAddressBook(bookPath);
    return {
      chain,
      contracts: connectContracts(book, chain.provider),
      book,
      folder,
      flags: ["--rpc", chain.rpcUrl, "--address-book", bookPath],
      sender: (index) => TxSender.create(new Wallet(toHex(developmentKey(31337, index)), chain.provider)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
