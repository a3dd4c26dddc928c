import { LmdbStore } from "../../db/lmdb-store.ts";
import { startStorageWorker } from "../../worker/storage-worker.ts";
import { parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSigningSession } from "../session.ts";
import { textOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a storage worker until it is asked to stop. */
export const worker: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  await withSigningSession(context, async ({ contracts, provider, sender, book }) => {
    const store = new LmdbStore(textOf(values, "data"));
    try {
      const running = await startStorageWorker({
        provider,
        contracts,
        sender,
        store,
        logger: workerLogger("storage-worker", context),
        chainId: book.chainId,
        host: textOf(values, "host"),
        port,
        fromBlock: book.startBlock,
        pollMs: POLL_MS,
      });
      await serveUntilStopped(context, running);
    } finally {
      await store.close();
    }
  });
};
