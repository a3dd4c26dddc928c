import { open, readFile } from "node:fs/promises";

import { Wallet } from "ethers";

import { connectChain } from "../../chain/provider.ts";
import { ensureInput, GlassboxError } from "../../core/errors.ts";
import type { Handler } from "../command.ts";
import { loadAccount } from "../session.ts";

/** Makes a random key and writes it as an encrypted Web3 keystore. */
export const create: Handler = async (context, values) => {
  const file = values["file"] as string;
  const { passwordFile } = context.settings;
  ensureInput(passwordFile.value !== undefined, "CLI_PASSWORD_MISSING", "a keystore needs --password-file");
  const password = (await readFile(passwordFile.value, "utf8")).replace(/\r?\n$/, "");
  ensureInput(password.length >= 8, "CLI_PASSWORD_SHORT", "the password needs at least 8 characters");
  const wallet = Wallet.createRandom();
  const encrypted = await wallet.encrypt(password);
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(`${encrypted}\n`);
    await handle.close();
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_EXISTS", `can't write ${file}: a keystore is never replaced`, { cause });
  }
  context.result({ address: wallet.address, keystore: file }, wallet.address);
};

/** Prints the address of the account that the settings name. */
export const address: Handler = async (context) => {
  const { rpc, keystore } = context.settings;
  let chainId = 0;
  if (keystore.value === undefined) {
    const provider = await connectChain(rpc.value ?? "");
    chainId = Number((await provider.getNetwork()).chainId);
    provider.destroy();
  }
  const account = await loadAccount(context.settings, chainId);
  context.result({ address: account.address }, account.address);
};
