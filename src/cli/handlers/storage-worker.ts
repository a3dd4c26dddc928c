import { LmdbStore } from "../../db/lmdb-store.ts";
import { startStorageWorker } from "../../worker/storage-worker.ts";
import { parseCount } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openSigningSession } from "../session.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a storage worker until it is asked to stop. */
export const worker: Handler = async (context, values) => {
  const port = parseCount(values["port"] as string, "--port", 65_535);
  const { contracts, provider, sender, book, close } = await openSigningSession(context);
  const store = new LmdbStore(values["data"] as string);
  try {
    const running = await startStorageWorker({
      provider,
      contracts,
      sender,
      store,
      logger: workerLogger("storage-worker", context),
      chainId: book.chainId,
      host: values["host"] as string,
      port,
      fromBlock: book.startBlock,
      pollMs: POLL_MS,
    });
    await serveUntilStopped(context, running);
  } finally {
    await store.close();
    close();
  }
};
