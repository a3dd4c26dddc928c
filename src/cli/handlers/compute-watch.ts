import { startWatcher } from "../../worker/watcher.ts";
import { parseCount } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a watcher until it is asked to stop. It needs no account. */
export const watch: Handler = async (context, values) => {
  const port = parseCount(values["port"] as string, "--port", 65_535);
  const { contracts, provider, book, close } = await openSession(context);
  try {
    const running = await startWatcher({
      contracts,
      provider,
      storage: await openFiles(contracts, values),
      host: values["host"] as string,
      port,
      fromBlock: book.startBlock,
      pollMs: POLL_MS,
      logger: workerLogger("watcher", context),
    });
    await serveUntilStopped(context, running);
  } finally {
    close();
  }
};
