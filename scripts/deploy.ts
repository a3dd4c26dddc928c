import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { ModuleParameters } from "@nomicfoundation/ignition-core";
import hre from "hardhat";

import { writeAddressBook, type AddressBook } from "../src/chain/address-book.ts";
import { CONTRACT_NAMES, type ContractName } from "../src/chain/contract-names.ts";
import { DEVELOPMENT_CHAIN_ID } from "../src/core/chain-ids.ts";
import { GlassboxError } from "../src/core/errors.ts";
import { readDeployParameters } from "./deploy-parameters.ts";
import { glassboxModule } from "./modules/glassbox.ts";

/**
 * Deploys to the network that Hardhat was started with and writes the address book.
 * Environment: GLASSBOX_DEPLOY_PARAMS and GLASSBOX_ADDRESS_BOOK replace the default paths, GLASSBOX_DEPLOY_RESET forgets an
 * earlier, unfinished deployment to the same chain, GLASSBOX_DEPLOYMENT_ID names its journal.
 */
async function deploy(): Promise<void> {
  const connection = await hre.network.create();
  const { chainId: id } = await connection.ethers.provider.getNetwork();
  const chainId = Number(id);
  const local = chainId === DEVELOPMENT_CHAIN_ID;
  const root = new URL("../deployments/", import.meta.url);
  const paramsPath = process.env["GLASSBOX_DEPLOY_PARAMS"] ?? fileURLToPath(new URL(`params/${chainId}.json`, root));
  const bookPath = process.env["GLASSBOX_ADDRESS_BOOK"] ?? fileURLToPath(new URL(`${chainId}.json`, root));
  const parameters = await readDeployParameters(paramsPath, chainId);

  const deploymentId = process.env["GLASSBOX_DEPLOYMENT_ID"] ?? `chain-${chainId}`;
  const journal = new URL(`ignition/deployments/${deploymentId}`, root);
  const forget = (): Promise<void> => rm(journal, { recursive: true, force: true });
  if (local || process.env["GLASSBOX_DEPLOY_RESET"]) await forget();
  const startBlock = await connection.ethers.provider.getBlockNumber();
  const deployed = await connection.ignition.deploy(glassboxModule({ token: parameters.token }), {
    deploymentId,
    parameters: { Glassbox: parameters.module as ModuleParameters },
    config: local ? { requiredConfirmations: 1, blockPollingInterval: 100 } : {},
  });

  const addresses = await Promise.all(
    CONTRACT_NAMES.map(async (name) => [name, await deployed[name].getAddress()] as const),
  );
  const book: AddressBook = {
    chainId,
    startBlock,
    deployedAt: new Date().toISOString(),
    contracts: Object.fromEntries(addresses) as Record<ContractName, string>,
  };
  await writeAddressBook(bookPath, book);
  if (local) await forget();
  process.stdout.write(`${JSON.stringify({ addressBook: bookPath, ...book })}\n`);
  await connection.close();
}

try {
  await deploy();
} catch (error) {
  if (!(error instanceof GlassboxError)) throw error;
  process.stderr.write(`deploy: ${error.message} [${error.code}]\n${error.hint ? `  hint: ${error.hint}\n` : ""}`);
  process.exitCode = 2;
}
