import { randomBytes } from "node:crypto";

import { connectChain } from "../../chain/provider.ts";
import { ensureInput } from "../../core/errors.ts";
import { addressOfSecretKey } from "../../crypto/address.ts";
import { encryptKey, writeKeystore } from "../../crypto/keystore.ts";
import type { Handler } from "../command.ts";
import { loadAccount, readPassword } from "../session.ts";
import { textOf } from "../values.ts";

/** Makes a random key and writes it as an encrypted Web3 keystore. */
export const create: Handler = async (context, values) => {
  const file = textOf(values, "file");
  const { passwordFile } = context.settings;
  ensureInput(passwordFile.value !== undefined, "CLI_PASSWORD_MISSING", "a keystore needs --password-file", {
    hint: "give the path of a file that holds the password",
  });
  const secretKey = randomBytes(32);
  await writeKeystore(file, await encryptKey(secretKey, await readPassword(passwordFile.value)));
  const account = addressOfSecretKey(secretKey);
  context.result({ address: account, keystore: file }, account);
};

/** Prints the address of the account that the settings name. */
export const address: Handler = async (context) => {
  const { rpc, keystore } = context.settings;
  let chainId = 0;
  if (keystore.value === undefined) {
    const provider = await connectChain(rpc.value);
    chainId = Number((await provider.getNetwork()).chainId);
    provider.destroy();
  }
  const account = await loadAccount(context.settings, chainId);
  context.result({ address: account.address }, account.address);
};
