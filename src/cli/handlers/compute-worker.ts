import { LmdbStore } from "../../db/lmdb-store.ts";
import { openPublicModel } from "../../compute/public-model.ts";
import { readModelFolder } from "../../models/model-folder.ts";
import { startComputeWorker } from "../../worker/compute-worker.ts";
import { parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openPartQueue } from "../part-queues.ts";
import { withSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { textOf, textsOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, unlockedKey, workerLogger } from "../worker-process.ts";

/** Runs a compute worker until it is asked to stop. */
export const worker: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  const models = (await Promise.all(textsOf(values, "serve").map(readModelFolder))).map(openPublicModel);
  const logger = workerLogger("compute-worker", context);
  await withSigningSession(context, async ({ contracts, provider, sender, wallet, book }) => {
    const store = new LmdbStore(textOf(values, "data"));
    const opened = await openPartQueue(values, logger, context.signal);
    try {
      const running = await startComputeWorker({
        contracts,
        provider,
        storage: await openStorage(contracts, sender, values),
        sender,
        signer: unlockedKey(wallet),
        store,
        queue: opened.queue,
        parts: opened.parts,
        models,
        cacheDir: context.settings.cacheDir.value,
        host: textOf(values, "host"),
        port,
        fromBlock: book.startBlock,
        pollMs: POLL_MS,
        logger,
      });
      await serveUntilStopped(context, { ...running, ...(opened.failed && { failed: opened.failed }) });
    } finally {
      await opened.close();
      await store.close();
    }
  });
};
