import { fromHex, type Hex } from "../../core/bytes.ts";
import { ensureInput } from "../../core/errors.ts";
import { LmdbStore } from "../../db/lmdb-store.ts";
import { operatorBlsKey } from "../../staking/bls-key.ts";
import { startVoteSigner } from "../../worker/vote-signer.ts";
import { parseAddress, parseCount, parseId, parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { readInput } from "../input-file.ts";
import { openNamedService } from "../service-chain.ts";
import { withSigningSession } from "../session.ts";
import { optionalOf, optionalTextOf, textOf } from "../values.ts";
import { serveUntilStopped, workerLogger } from "../worker-process.ts";

const MAX_KEY_NUMBER = 2 ** 32 - 1;

/** Runs a signer until it is asked to stop. */
export const sign: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  const number = parseCount(textOf(values, "key"), "--key", MAX_KEY_NUMBER);
  const confirmations = parseCount(textOf(values, "confirmations"), "--confirmations", 1_000);
  const named = optionalOf(values, "operator", parseAddress);
  const firstEpoch = optionalOf(values, "firstEpoch", (text) => parseId(text, "--first-epoch"));
  const tokenFile = optionalTextOf(values, "tokenFile");
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  await withSigningSession(context, async ({ contracts, wallet }) => {
    const home = await openNamedService(contracts, values);
    const store = new LmdbStore(textOf(values, "data"));
    try {
      const running = await startVoteSigner({
        home,
        operator: (named ?? wallet.address) as Hex,
        secretKey: operatorBlsKey(fromHex(wallet.privateKey, 32), number),
        store,
        ...(firstEpoch === undefined ? {} : { firstEpoch }),
        ...(token === undefined ? {} : { token }),
        confirmations,
        host: textOf(values, "host"),
        port,
        logger: workerLogger("vote-signer", context),
      });
      context.progress(`signs votes of epochs after ${running.floor}`);
      await serveUntilStopped(context, running);
    } finally {
      await store.close();
    }
  });
};

/** Reads the secret that allows any vote; line breaks around it are not part of it. */
async function readToken(file: string): Promise<string> {
  const token = Buffer.from(await readInput(file))
    .toString("utf8")
    .trim();
  ensureInput(token !== "", "CLI_TOKEN_EMPTY", `there is no token in ${file}`, {
    hint: "whoever has the token can have any vote signed: make it long and random",
  });
  return token;
}
