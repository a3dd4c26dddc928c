import { LmdbStore } from "../../db/lmdb-store.ts";
import { startWatcher } from "../../worker/watcher.ts";
import { parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { hasAccount, withSession, withSigningSession, type Session, type SigningSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { optionalTextOf, textOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a watcher until it is asked to stop. With an account it plays the dispute game, without one it only says what it found. */
export const watch: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  const folder = optionalTextOf(values, "audit");
  const withAnySession = folder !== undefined || hasAccount(context.settings) ? withSigningSession : withSession;
  await withAnySession(context, async ({ contracts, provider, book, ...rest }: Session & Partial<SigningSession>) => {
    const audits = folder === undefined ? undefined : new LmdbStore(folder);
    try {
      const running = await startWatcher({
        contracts,
        provider,
        ...(rest.sender && { sender: rest.sender }),
        ...(audits && { audits }),
        storage: await openFiles(contracts, values),
        host: textOf(values, "host"),
        port,
        fromBlock: book.startBlock,
        pollMs: POLL_MS,
        logger: workerLogger("watcher", context),
      });
      await serveUntilStopped(context, running);
    } finally {
      await audits?.close();
    }
  });
};
