import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet, parseEther } from "ethers";

import { readAddressBook, type AddressBook } from "../../chain/address-book.ts";
import { connectContracts, type Contracts } from "../../chain/contracts.ts";
import { TxSender } from "../../chain/tx-sender.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import { toHex } from "../../core/bytes.ts";
import { developmentKey } from "../../crypto/development-keys.ts";
import { delegateStake, joinService, registerOperator } from "../../staking/operators.ts";
import { PROJECT_ROOT, runHardhat } from "../hardhat.ts";
import { ROLES } from "./accounts.ts";
import { Child } from "./child.ts";
import { freePort, startLocalChain, type ChainClient, type LocalChain } from "./local-chain.ts";

/** Tokens that every role starts with, and what an operator puts up of its own. */
const GRANT_WEI = parseEther("100000");
const OWN_STAKE_WEI = parseEther("2000");
const HALF_WAD = parseEther("0.5");
const READY_MS = 60_000;

/** How large a network to start. */
export interface NetworkOptions {
  readonly port: number | undefined;
  readonly storageWorkers: number;
  readonly computeWorkers: number;
  /** Keeps data and logs here instead of in a temporary folder. */
  readonly keep: string | undefined;
  /** Where the address book is written. */
  readonly addressBook: string | undefined;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  /** The program that is the chain; Hardhat's own unless given. */
  readonly chainClient?: ChainClient;
  /** Deploys and writes the address book; runs the deployment script unless given. */
  readonly deploy?: (rpcUrl: string, addressBookPath: string) => Promise<void>;
  readonly onProgress: (line: string) => void;
}

/** A worker process of the network. */
export interface NetworkWorker {
  readonly role: number;
  readonly url: string;
  readonly dataFolder: string;
  process: Child;
}

/** A chain with contracts and workers in processes of their own. */
export interface Network {
  readonly chain: LocalChain;
  readonly book: AddressBook;
  readonly addressBookPath: string;
  readonly folder: string;
  readonly contracts: Contracts;
  readonly storageWorkers: readonly NetworkWorker[];
  readonly computeWorkers: readonly NetworkWorker[];
  readonly watcher: NetworkWorker;
  /** An account of the development mnemonic that sends. */
  sender(role: number): Promise<TxSender>;
  /** Starts one of our own commands in a process that ends with the network. */
  start(name: string, args: readonly string[]): Child;
  /** Starts a worker again, on the data it has. */
  restart(worker: NetworkWorker): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a chain, deploys, stakes for the operators, and starts their workers. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), "glassbox-")));
  await mkdir(folder, { recursive: true });
  const closers: (() => Promise<void>)[] = [];
  if (options.keep === undefined) closers.push(() => rm(folder, { recursive: true, force: true }));
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(options, folder, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: NetworkOptions,
  folder: string,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Network> {
  const { signal, onProgress, cacheDir } = options;
  onProgress("starting the chain");
  const chain = await startLocalChain({
    port: options.port,
    logFolder: folder,
    ...(options.chainClient && { client: options.chainClient }),
  });
  closers.push(() => chain.stop());
  await chain.ready(signal);

  onProgress("deploying the contracts");
  const addressBookPath = options.addressBook ?? join(folder, "addresses.json");
  if (options.deploy) await options.deploy(chain.rpcUrl, addressBookPath);
  else await runDeployment(chain.rpcUrl, addressBookPath, signal);
  if (options.addressBook !== undefined) closers.push(() => rm(addressBookPath, { force: true }));
  const book = await readAddressBook(addressBookPath);
  const provider = chain.provider;
  const contracts = connectContracts(book, provider);
  const senders = new Map<number, Promise<TxSender>>();
  const sender = (role: number): Promise<TxSender> => {
    const wallet = new Wallet(toHex(developmentKey(DEVELOPMENT_CHAIN_ID, role)), provider);
    const known = senders.get(role) ?? TxSender.create(wallet);
    senders.set(role, known);
    return known;
  };

  const storageRoles = ROLES.storageOperators.slice(0, options.storageWorkers);
  const computeRoles = ROLES.computeOperators.slice(0, options.computeWorkers);
  const ports = new Map<number, number>();
  for (const role of [...storageRoles, ...computeRoles]) ports.set(role, await freePort());

  onProgress("registering and staking operators");
  await fundRoles(contracts, sender);
  const services = {
    storage: await contracts.StorageProofs.serviceId(),
    compute: await contracts.JobRegistry.serviceId(),
  };
  for (const [roles, service] of [
    [storageRoles, services.storage],
    [[...computeRoles, ROLES.coordinator], services.compute],
  ] as const) {
    for (const role of roles) {
      const port = ports.get(role);
      const operator = await sender(role);
      const endpoint = port === undefined ? "" : `http://127.0.0.1:${port}`;
      await registerOperator(contracts, operator, operator.address, endpoint);
      await delegateStake(contracts, operator, operator.address, OWN_STAKE_WEI);
      await joinService(contracts, operator, service, HALF_WAD);
    }
  }
  await chain.passSeconds(
    Number((await contracts.ServiceRegistry.delaySeconds()) + (await contracts.ServiceRegistry.epochSeconds()) + 1n),
  );

  onProgress("starting the workers");
  const run = (name: string, args: readonly string[]): Child => {
    const child = new Child({
      name,
      args: [
        "src/cli/main.ts",
        ...args,
        "--json",
        "--rpc",
        chain.rpcUrl,
        "--address-book",
        addressBookPath,
        "--cache-dir",
        cacheDir,
        "--log-level",
        "info",
      ],
      logFolder: folder,
    });
    closers.push(() => child.stop());
    return child;
  };
  const startWorker = async (kind: "storage" | "compute", role: number, dataFolder: string): Promise<Child> => {
    const port = String(ports.get(role));
    const process = run(`${kind}-worker-${role}`, [
      kind,
      "worker",
      "--data",
      dataFolder,
      "--port",
      port,
      "--dev-account",
      String(role),
    ]);
    await process.ready(readyUrl, READY_MS, signal);
    return process;
  };
  const startWorkers = (kind: "storage" | "compute", roles: readonly number[]): Promise<NetworkWorker[]> =>
    Promise.all(
      roles.map(async (role) => {
        const dataFolder = join(folder, `${kind}-${role}`);
        const url = `http://127.0.0.1:${ports.get(role)}`;
        return { role, url, dataFolder, process: await startWorker(kind, role, dataFolder) };
      }),
    );
  const storageWorkers = await startWorkers("storage", storageRoles);
  const computeWorkers = await startWorkers("compute", computeRoles);
  const watcherProcess = run("watcher", ["compute", "watch", "--port", "0"]);
  const watcherUrl = await watcherProcess.ready(readyUrl, READY_MS, signal);
  const watcher = { role: ROLES.reporter, url: watcherUrl, dataFolder: folder, process: watcherProcess };
  return {
    chain,
    book,
    addressBookPath,
    folder,
    contracts,
    storageWorkers,
    computeWorkers,
    watcher,
    sender,
    start: run,
    restart: async (worker) => {
      const kind = storageWorkers.includes(worker) ? "storage" : "compute";
      worker.process = await startWorker(kind, worker.role, worker.dataFolder);
    },
    stop,
  };
}

async function runDeployment(rpcUrl: string, addressBookPath: string, signal: AbortSignal): Promise<void> {
  const deploymentId = `local-${process.pid}`;
  try {
    await runHardhat(
      ["run", "scripts/deploy.ts", "--no-compile", "--network", "rpc"],
      {
        GLASSBOX_RPC_URL: rpcUrl,
        GLASSBOX_DEPLOYER_KEY: toHex(developmentKey(DEVELOPMENT_CHAIN_ID, ROLES.owner)),
        GLASSBOX_ADDRESS_BOOK: addressBookPath,
        GLASSBOX_DEPLOYMENT_ID: deploymentId,
      },
      signal,
    );
  } finally {
    await rm(join(PROJECT_ROOT, "deployments/ignition/deployments", deploymentId), { recursive: true, force: true });
  }
}

/** Gives every role development tokens. */
async function fundRoles(contracts: Contracts, sender: (role: number) => Promise<TxSender>): Promise<void> {
  const owner = await sender(ROLES.owner);
  for (const role of Object.values(ROLES).flat()) {
    const { address } = await sender(role);
    await owner.send(contracts.Token.mint.populateTransaction(address, GRANT_WEI));
  }
}

function readyUrl(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  const { ready, url } = JSON.parse(line) as { ready?: boolean; url?: string };
  return ready ? url : undefined;
}
