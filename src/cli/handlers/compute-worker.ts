import { startComputeWorker } from "../../worker/compute-worker.ts";
import { parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { textOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, unlockedKey, workerLogger } from "../worker-process.ts";

/** Runs a compute worker until it is asked to stop. */
export const worker: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  await withSigningSession(context, async ({ contracts, provider, sender, wallet, book }) => {
    const running = await startComputeWorker({
      contracts,
      provider,
      storage: await openStorage(contracts, sender, values),
      sender,
      signer: unlockedKey(wallet),
      cacheDir: context.settings.cacheDir.value,
      host: textOf(values, "host"),
      port,
      fromBlock: book.startBlock,
      pollMs: POLL_MS,
      logger: workerLogger("compute-worker", context),
    });
    await serveUntilStopped(context, running);
  });
};
