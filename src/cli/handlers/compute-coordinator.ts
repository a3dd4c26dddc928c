import { LmdbStore } from "../../db/lmdb-store.ts";
import { coordinateJob, type CoordinatorEvent } from "../../worker/coordinator.ts";
import { parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { textOf, textsOf } from "../values.ts";
import { unlockedKey, workerLogger } from "../worker-process.ts";

/** Runs one job to its acceptance. */
export const coordinator: Handler = async (context, values) => {
  const jobId = parseId(textOf(values, "job"), "job");
  await withSigningSession(context, async ({ contracts, sender, wallet }) => {
    const journal = new LmdbStore(textOf(values, "data"));
    try {
      await coordinateJob(jobId, {
        contracts,
        storage: await openStorage(contracts, sender, values),
        sender,
        signer: unlockedKey(wallet),
        journal,
        watchers: textsOf(values, "watcher"),
        logger: workerLogger("coordinator", context),
        signal: context.signal,
        onEvent: (event) => {
          context.result(event, eventText(event));
        },
      });
    } finally {
      await journal.close();
    }
  });
};

function eventText(event: CoordinatorEvent): string {
  switch (event.event) {
    case "round":
      return `round ${event.round} of ${event.of}`;
    case "stored":
      return `stored ${event.file}, ${event.bytes} bytes`;
    case "claimed":
      return `claimed: weights ${event.weightsRoot}, trace ${event.traceRoot}`;
    case "accepted":
      return `accepted as model version ${event.versionId}`;
  }
}
