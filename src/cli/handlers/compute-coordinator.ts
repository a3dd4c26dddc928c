import { LmdbStore } from "../../db/lmdb-store.ts";
import { coordinateJob, type CoordinatorEvent } from "../../worker/coordinator.ts";
import type { DoneRound } from "../../worker/round-runner.ts";
import type { LoadedJob } from "../../worker/training-job.ts";
import { parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { LiveTraining } from "../live-training.ts";
import { withSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { textOf, textsOf } from "../values.ts";
import { unlockedKey, withStatus, workerLogger } from "../worker-process.ts";

/** Runs one job to its acceptance. */
export const coordinator: Handler = async (context, values) => {
  const training = new LiveTraining();
  const jobId = parseId(textOf(values, "job"), "job");
  await withSigningSession(context, async ({ contracts, provider, sender, wallet, book }) => {
    const journal = new LmdbStore(textOf(values, "data"));
    try {
      const options = {
        contracts,
        provider,
        fromBlock: book.startBlock,
        storage: await openStorage(contracts, sender, values),
        sender,
        signer: unlockedKey(wallet),
        journal,
        watchers: textsOf(values, "watcher"),
        logger: workerLogger("coordinator", context),
        signal: context.signal,
        onEvent: (event: CoordinatorEvent) => {
          // People are told of rounds in a line that is replaced.
          if (event.event !== "round" || context.json) context.result(event, eventText(event));
        },
        onRound: (job: LoadedJob, done: DoneRound) => {
          if (!context.json) context.live(training.line(job, done));
        },
      };
      await withStatus(context, async () => {
        await coordinateJob(jobId, options);
      });
    } finally {
      await journal.close();
    }
  });
};

function eventText(event: CoordinatorEvent): string {
  switch (event.event) {
    case "waiting":
      return `${event.holder} leads the job: standing by until its lease expires or its claim is accepted`;
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
