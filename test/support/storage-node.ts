import { MemoryStore } from "../../src/db/memory-store.ts";
import { FileStore } from "../../src/storage/file-store.ts";
import { indexerMethods } from "../../src/storage/indexer-methods.ts";
import type { RpcMethod } from "../../src/storage/json-rpc.ts";
import type { FileReference, SubmissionReader, SubmissionWriter } from "../../src/storage/ports.ts";
import { WHOLE_FLOW } from "../../src/storage/shard.ts";
import { SubmissionStore } from "../../src/storage/submission-store.ts";
import type { Submission } from "../../src/storage/submission.ts";
import { TaskGate } from "../../src/storage/task-gate.ts";
import { zgsMethods } from "../../src/storage/zgs-methods.ts";
import { GlassboxError } from "../../src/core/errors.ts";
import { rootFromNodes, type SubmissionNode } from "../../src/crypto/file-tree.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createStorageServer, STORAGE_LIMITS } from "../../src/worker/storage-server.ts";
import { OTHER_ROOT } from "./storage-files.ts";

/** A storage node in this process, without a chain. */
export interface TestNode {
  readonly url: string;
  readonly store: MemoryStore;
  readonly files: FileStore;
  readonly submissions: SubmissionStore;
  readonly methods: Map<string, RpcMethod>;
  readonly finalised: number[];
  close(): Promise<void>;
}

/** Starts a node that listens on a free port. */
export async function startTestNode(
  limits: { readonly [K in keyof typeof STORAGE_LIMITS]: number } = STORAGE_LIMITS,
): Promise<TestNode> {
  const store = new MemoryStore();
  const files = new FileStore(store);
  const submissions = new SubmissionStore(store);
  const finalised: number[] = [];
  const methods = new Map([
    ...zgsMethods({
      files,
      submissions,
      shard: WHOLE_FLOW,
      writes: new TaskGate(4, 64),
      status: () =>
        Promise.resolve({
          chainId: 1,
          flowAddress: `0x${"11".repeat(20)}`,
          syncedBlock: 5,
          syncedBlockHash: OTHER_ROOT,
        }),
      onFinalised: ({ index }) => finalised.push(index),
    }),
    ...indexerMethods({ nodes: () => Promise.resolve([]), locate: () => Promise.resolve([]) }),
  ]);
  const server = await createStorageServer(methods, createLogger("test", "silent"), limits);
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return { url, store, files, submissions, methods, finalised, close: () => server.close() };
}

/** A flow that tells test nodes of its submissions at once. */
export class TestFlow implements SubmissionReader, SubmissionWriter {
  readonly nodes: readonly TestNode[];
  readonly submissions: Submission[] = [];

  constructor(nodes: readonly TestNode[]) {
    this.nodes = nodes;
  }

  submission(index: number): Promise<FileReference> {
    const found = this.submissions[index];
    if (!found) return Promise.reject(new GlassboxError("revert", "CHAIN_REVERTED", "unknown submission"));
    return Promise.resolve(found);
  }

  async submit(byteLength: number, nodes: readonly SubmissionNode[]): Promise<number> {
    const index = this.submissions.length;
    const submission = { index, root: rootFromNodes(nodes), byteLength, startLeaf: 1024 * (index + 1), nodes };
    this.submissions.push(submission);
    for (const node of this.nodes) await node.submissions.add([submission], index + 1);
    return index;
  }
}
