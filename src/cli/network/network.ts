import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet } from "ethers";

import { readAddressBook, type AddressBook } from "../../chain/address-book.ts";
import { connectContracts, type Contracts } from "../../chain/contracts.ts";
import { TxSender } from "../../chain/tx-sender.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import { toHex } from "../../core/bytes.ts";
import { developmentKey } from "../../crypto/development-keys.ts";
import { PROJECT_ROOT, runHardhat } from "../hardhat.ts";
import { ROLES } from "./accounts.ts";
import type { Child } from "./child.ts";
import { startCommand, workerUrl } from "./command-process.ts";
import { freePort, startLocalChain, type ChainClient, type LocalChain } from "./local-chain.ts";
import { setUpOperators, type OperatorPlan } from "./operators.ts";

/** How large a network to start. */
export interface NetworkOptions {
  readonly port: number | undefined;
  readonly storageWorkers: number;
  readonly computeWorkers: number;
  /** Roles of further compute operators, which no worker runs for. */
  readonly computeOperators?: readonly number[];
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

/** A worker of the network before it runs. */
interface WorkerPlan extends OperatorPlan {
  readonly port: number;
  readonly dataFolder: string;
}

/** A worker process of the network. */
export interface NetworkWorker extends WorkerPlan {
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
  readonly watcher: { readonly url: string };
  /** The service that is a consensus network: every operator has a seat in it. */
  readonly consensusService: bigint;
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

/** Puts back the address book that was there before, unless yet another deployment has replaced this one's. */
async function bookRestorer(path: string, earlier: string | undefined): Promise<() => Promise<void>> {
  const ours = await textIfThere(path);
  return async () => {
    if ((await textIfThere(path)) !== ours) return;
    await (earlier === undefined ? rm(path, { force: true }) : writeFile(path, earlier));
  };
}

async function textIfThere(path: string): Promise<string | undefined> {
  return existsSync(path) ? readFile(path, "utf8") : undefined;
}

async function start(
  options: NetworkOptions,
  folder: string,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Network> {
  const { signal, onProgress } = options;
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
  const earlierBook = await textIfThere(addressBookPath);
  if (options.deploy) await options.deploy(chain.rpcUrl, addressBookPath);
  else await runDeployment(chain.rpcUrl, addressBookPath, signal);
  if (options.addressBook !== undefined) closers.push(await bookRestorer(addressBookPath, earlierBook));
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

  const storagePlans = await planWorkers("storage", ROLES.storageOperators.slice(0, options.storageWorkers), folder);
  const computePlans = await planWorkers("compute", ROLES.computeOperators.slice(0, options.computeWorkers), folder);
  const others = [ROLES.coordinator, ...(options.computeOperators ?? [])].map((role): OperatorPlan => ({
    role,
    kind: "compute",
    url: "",
  }));

  onProgress("registering and staking operators");
  const consensusService = await setUpOperators(contracts, sender, [...storagePlans, ...computePlans, ...others]);
  const { ServiceRegistry } = contracts;
  const [delaySeconds, epochSeconds] = await Promise.all([
    ServiceRegistry.delaySeconds(),
    ServiceRegistry.epochSeconds(),
  ]);
  // All joins take effect in the first of these epochs; the table of the second has all validators.
  await chain.passSeconds(Number(delaySeconds + 2n * epochSeconds + 1n));

  onProgress("starting the workers");
  const settings = { rpcUrl: chain.rpcUrl, addressBookPath, cacheDir: options.cacheDir, logFolder: folder };
  const startProcess = (name: string, args: readonly string[]): Child => {
    const child = startCommand(name, args, settings);
    closers.push(() => child.stop());
    return child;
  };
  const startWorker = async ({ kind, role, port, dataFolder }: WorkerPlan): Promise<Child> => {
    const where = ["--data", dataFolder, "--port", String(port), "--dev-account", String(role)];
    const process = startProcess(`${kind}-worker-${role}`, [kind, "worker", ...where]);
    await workerUrl(process, signal);
    return process;
  };
  const startWorkers = (plans: readonly WorkerPlan[]): Promise<NetworkWorker[]> =>
    Promise.all(plans.map(async (plan) => ({ ...plan, process: await startWorker(plan) })));
  const storageWorkers = await startWorkers(storagePlans);
  const computeWorkers = await startWorkers(computePlans);
  const account = ["--dev-account", String(ROLES.watcher)];
  const watcher = startProcess("watcher", ["compute", "watch", "--port", "0", ...account]);
  return {
    chain,
    book,
    addressBookPath,
    folder,
    contracts,
    storageWorkers,
    computeWorkers,
    watcher: { url: await workerUrl(watcher, signal) },
    consensusService,
    sender,
    start: startProcess,
    restart: async (worker) => {
      worker.process = await startWorker(worker);
    },
    stop,
  };
}

/** Gives workers ports and folders; their operators publish the ports before the workers run. */
async function planWorkers(kind: WorkerPlan["kind"], roles: readonly number[], folder: string): Promise<WorkerPlan[]> {
  const plans: WorkerPlan[] = [];
  for (const role of roles) {
    const port = await freePort();
    plans.push({ kind, role, port, url: `http://127.0.0.1:${port}`, dataFolder: join(folder, `${kind}-${role}`) });
  }
  return plans;
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
