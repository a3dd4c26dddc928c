import { startComputeWorker } from "../../worker/compute-worker.ts";
import { parseCount } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { POLL_MS, serveUntilStopped, unlockedKey, workerLogger } from "../worker-process.ts";

/** Runs a compute worker until it is asked to stop. */
export const worker: Handler = async (context, values) => {
  const port = parseCount(values["port"] as string, "--port", 65_535);
  const { contracts, provider, sender, wallet, book, close } = await openSigningSession(context);
  try {
    const running = await startComputeWorker({
      contracts,
      provider,
      storage: await openStorage(contracts, sender, values),
      sender,
      signer: unlockedKey(wallet),
      cacheDir: context.settings.cacheDir.value ?? "",
      host: values["host"] as string,
      port,
      fromBlock: book.startBlock,
      pollMs: POLL_MS,
      logger: workerLogger("compute-worker", context),
    });
    await serveUntilStopped(context, running);
  } finally {
    close();
  }
};
