import { startWatcher } from "../../worker/watcher.ts";
import { parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { textOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a watcher until it is asked to stop. It needs no account. */
export const watch: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  await withSession(context, async ({ contracts, provider, book }) => {
    const running = await startWatcher({
      contracts,
      provider,
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
