/**
 * A storage node in a process of its own, to be killed: `node storage-child.ts <database folder> <submissions as JSON>`.
 * Prints its URL once it listens.
 */
import { LmdbStore } from "../../src/db/lmdb-store.ts";
import { FileStore } from "../../src/storage/file-store.ts";
import { WHOLE_FLOW } from "../../src/storage/shard.ts";
import { SubmissionStore } from "../../src/storage/submission-store.ts";
import type { Submission } from "../../src/storage/submission.ts";
import { TaskGate } from "../../src/storage/task-gate.ts";
import { zgsMethods } from "../../src/storage/zgs-methods.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createStorageServer } from "../../src/worker/storage-server.ts";
import { OTHER_ROOT } from "./storage-files.ts";

const [, , folder = "", submissionsJson = "[]"] = process.argv;
const store = new LmdbStore(folder);
const submissions = new SubmissionStore(store);
await submissions.add(JSON.parse(submissionsJson) as Submission[], 1);
const methods = zgsMethods({
  files: new FileStore(store),
  submissions,
  shard: WHOLE_FLOW,
  writes: new TaskGate(4, 64),
  status: () =>
    Promise.resolve({ chainId: 1, flowAddress: `0x${"11".repeat(20)}`, syncedBlock: 0, syncedBlockHash: OTHER_ROOT }),
  onFinalised: () => undefined,
});
const server = await createStorageServer(methods, createLogger("child", "silent"));
process.stdout.write(`${await server.listen({ host: "127.0.0.1", port: 0 })}\n`);
