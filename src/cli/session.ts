import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Wallet, type JsonRpcProvider } from "ethers";

import { readAddressBook, type AddressBook } from "../chain/address-book.ts";
import { connectContracts, type Contracts } from "../chain/contracts.ts";
import type { History } from "../chain/event-search.ts";
import { connectChain } from "../chain/provider.ts";
import { readChain } from "../chain/read.ts";
import { TxSender } from "../chain/tx-sender.ts";
import { toHex } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";
import { developmentKey } from "../crypto/development-keys.ts";
import { readKeystore } from "../crypto/keystore.ts";
import { parseAddress, parseCount } from "./amounts.ts";
import type { Values } from "./command.ts";
import type { Context } from "./context.ts";
import { DEVELOPMENT_ACCOUNTS } from "./network/accounts.ts";
import { inUsersWords } from "./refusals.ts";
import type { Settings } from "./settings.ts";
import { optionalOf } from "./values.ts";

/** A deployment that can be read. */
export interface Session {
  readonly provider: JsonRpcProvider;
  readonly book: AddressBook;
  readonly contracts: Contracts;
}

/** A deployment that can be written to. */
export interface SigningSession extends Session {
  readonly wallet: Wallet;
  readonly sender: TxSender;
}

/**
 * Connects to the chain and the deployment that the settings name, for as long as `work` takes.
 * @throws GlassboxError what connecting or `work` throws.
 */
export async function withSession(context: Context, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await openSession(context);
  try {
    await work(session);
  } catch (error) {
    throw inUsersWords(error);
  } finally {
    session.provider.destroy();
  }
}

/** As `withSession`, with the account that the settings name. */
export async function withSigningSession(
  context: Context,
  work: (session: SigningSession) => Promise<void>,
): Promise<void> {
  await withSession(context, async (session) => {
    const wallet = (await loadAccount(context.settings, session.book.chainId)).connect(session.provider);
    await work({ ...session, wallet, sender: await TxSender.create(wallet) });
  });
}

async function openSession(context: Context): Promise<Session> {
  const { rpc, addressBook } = context.settings;
  const known = addressBook.value === undefined ? undefined : await readAddressBook(addressBook.value);
  const provider = await connectChain(rpc.value, known?.chainId);
  try {
    const { chainId } = await provider.getNetwork();
    const book = known ?? (await readAddressBook(defaultAddressBookPath(Number(chainId))));
    await ensureDeployed(book, provider);
    return { provider, book, contracts: connectContracts(book, provider) };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}

/** An address book can be of the right chain id and yet of another chain: every development network has the same id. */
async function ensureDeployed({ contracts }: AddressBook, provider: JsonRpcProvider): Promise<void> {
  const code = await readChain(provider.getCode(contracts.Flow));
  ensureInput(code !== "0x", "CHAIN_NOT_DEPLOYED", "the chain has no contracts where the address book says", {
    details: { Flow: contracts.Flow },
    hint: "check --rpc and --address-book, or run `glassbox deploy`",
  });
}

/** Where `glassbox deploy` writes the address book of a chain. */
export function defaultAddressBookPath(chainId: number): string {
  return fileURLToPath(new URL(`../../deployments/${chainId}.json`, import.meta.url));
}

/**
 * The account that signs: from an encrypted keystore, or of the development phrase on a development chain.
 * @throws GlassboxError `CLI_ACCOUNT_MISSING`, or what reading the keystore throws.
 */
export async function loadAccount(settings: Settings, chainId: number): Promise<Wallet> {
  const { keystore, passwordFile, devAccount } = settings;
  if (devAccount.value !== undefined) {
    const index = parseCount(devAccount.value, "--dev-account", DEVELOPMENT_ACCOUNTS - 1);
    return new Wallet(toHex(developmentKey(chainId, index)));
  }
  ensureInput(keystore.value !== undefined, "CLI_ACCOUNT_MISSING", "this command needs an account, and none is given", {
    hint: "give --keystore with --password-file, or --dev-account on a development chain",
  });
  ensureInput(passwordFile.value !== undefined, "CLI_ACCOUNT_MISSING", "the keystore needs --password-file", {
    hint: "give the path of a file that holds the password",
  });
  const password = await readPassword(passwordFile.value);
  return new Wallet(toHex((await readKeystore(keystore.value, password)).secretKey));
}

/** Whether the settings name an account. */
export function hasAccount({ keystore, devAccount }: Settings): boolean {
  return keystore.value !== undefined || devAccount.value !== undefined;
}

/** Reads a password file; one line break at the end is not part of the password. */
export async function readPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_PASSWORD_MISSING", `can't read the password file ${path}`, { cause });
  }
}

/** The account that an argument names, or else the one that would sign. */
export async function accountNamed(
  context: Context,
  { book }: Pick<Session, "book">,
  text: string | undefined,
): Promise<string> {
  return text === undefined ? (await loadAccount(context.settings, book.chainId)).address : parseAddress(text);
}

/** The deployment's blocks, or those from `--since` on. */
export function historyOf({ provider, book }: Session, values: Values): History {
  const since = optionalOf(values, "since", (text) => parseCount(text, "--since", Number.MAX_SAFE_INTEGER));
  return { provider, fromBlock: since ?? book.startBlock };
}
