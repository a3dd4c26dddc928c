import { startWatcher } from "../../worker/watcher.ts";
import { parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { hasAccount, withSession, withSigningSession, type Session, type SigningSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { textOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a watcher until it is asked to stop. With an account it plays the dispute game, without one it only says what it found. */
export const watch: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  const audits = values["audit"] === true;
  const withAnySession = audits || hasAccount(context.settings) ? withSigningSession : withSession;
  await withAnySession(context, async ({ contracts, provider, book, ...rest }: Session & Partial<SigningSession>) => {
    const running = await startWatcher({
      contracts,
      provider,
      ...(rest.sender && { sender: rest.sender }),
      audits,
      storage: await openFiles(contracts, values),
      host: textOf(values, "host"),
      port,
      fromBlock: book.startBlock,
      pollMs: POLL_MS,
      logger: workerLogger("watcher", context),
    });
    await serveUntilStopped(context, running);
  });
};
