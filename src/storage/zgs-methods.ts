import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { SEGMENT_LEAVES, segmentCount } from "../crypto/file-shape.ts";
import type { FileStore, SegmentUpload } from "./file-store.ts";
import { rpcMethod, type RpcMethod } from "./json-rpc.ts";
import { holdsShard, type ShardConfig } from "./shard.ts";
import type { SubmissionStore } from "./submission-store.ts";
import type { Submission } from "./submission.ts";
import type { TaskGate } from "./task-gate.ts";
import { hashSchema, indexSchema, segmentSchema, segmentsSchema, seqSchema } from "./zgs-schemas.ts";

/** What a node tells of its chain. */
export interface NodeStatus {
  readonly chainId: number;
  readonly flowAddress: string;
  /** Last block read. */
  readonly syncedBlock: number;
  readonly syncedBlockHash: Hex;
}

/** What the `zgs_*` methods work on. */
export interface NodeContext {
  readonly files: FileStore;
  readonly submissions: SubmissionStore;
  readonly shard: ShardConfig;
  /** Bounds segments that are checked and written at once. */
  readonly writes: TaskGate;
  status(): Promise<NodeStatus>;
  /** Called after a submission's last segment was stored. */
  onFinalised(submission: Submission): void;
}

/** The methods of a 0G storage node. */
export function zgsMethods(node: NodeContext): Map<string, RpcMethod> {
  const none = z.tuple([]);
  const bySeq = (seq: number): Submission | undefined => node.submissions.get(seq);
  const byRoot = (root: Hex): Submission | undefined => preferred(node, root);
  const range = [indexSchema, indexSchema] as const;
  return new Map<string, RpcMethod>([
    ["zgs_getStatus", rpcMethod(none, () => statusOf(node))],
    ["zgs_getShardConfig", rpcMethod(none, () => node.shard)],
    ["zgs_getFileInfo", rpcMethod(z.tuple([hashSchema], z.boolean()), ([root]) => fileInfo(node, byRoot(root)))],
    ["zgs_getFileInfoByTxSeq", rpcMethod(z.tuple([seqSchema]), ([seq]) => fileInfo(node, bySeq(seq)))],
    [
      "zgs_checkFileFinalized",
      rpcMethod(z.tuple([z.union([seqSchema, hashSchema])]), ([id]) => {
        const submission = typeof id === "number" ? bySeq(id) : byRoot(id);
        return submission ? isFinalised(node, submission) : null;
      }),
    ],
    ["zgs_uploadSegment", rpcMethod(z.tuple([segmentSchema]), ([item]) => uploadByRoot(node, [item]))],
    ["zgs_uploadSegments", rpcMethod(z.tuple([segmentsSchema]), ([items]) => uploadByRoot(node, items))],
    [
      "zgs_uploadSegmentByTxSeq",
      rpcMethod(z.tuple([segmentSchema, seqSchema]), ([item, seq]) => upload(node, bySeq(seq), [item])),
    ],
    [
      "zgs_uploadSegmentsByTxSeq",
      rpcMethod(z.tuple([segmentsSchema, seqSchema]), ([items, seq]) => upload(node, bySeq(seq), items)),
    ],
    [
      "zgs_downloadSegment",
      rpcMethod(z.tuple([hashSchema, ...range]), ([root, start, end]) => leaves(node, byRoot(root), start, end)),
    ],
    [
      "zgs_downloadSegmentByTxSeq",
      rpcMethod(z.tuple([seqSchema, ...range]), ([seq, start, end]) => leaves(node, bySeq(seq), start, end)),
    ],
    [
      "zgs_downloadSegmentWithProof",
      rpcMethod(z.tuple([hashSchema, indexSchema]), ([root, index]) => segment(node, byRoot(root), index)),
    ],
    [
      "zgs_downloadSegmentWithProofByTxSeq",
      rpcMethod(z.tuple([seqSchema, indexSchema]), ([seq, index]) => segment(node, bySeq(seq), index)),
    ],
  ]);
}

/** True if the node has every segment its shard is to serve. */
function isFinalised(node: NodeContext, submission: Submission): boolean {
  if (node.shard.numShard === 1) return node.files.isComplete(submission);
  for (let index = 0; index < segmentCount(submission.byteLength); index++) {
    if (holdsShard(node.shard, submission, index) && !node.files.hasSegment(submission, index)) return false;
  }
  return true;
}

/** The submission of a root that serves best: a finalised one, otherwise the newest. */
function preferred(node: NodeContext, root: Hex): Submission | undefined {
  const candidates = node.submissions.withRoot(root);
  return candidates.find((candidate) => isFinalised(node, candidate)) ?? candidates.at(-1);
}

async function statusOf(node: NodeContext): Promise<object> {
  const { chainId, flowAddress, syncedBlock, syncedBlockHash } = await node.status();
  return {
    connectedPeers: 0,
    logSyncHeight: syncedBlock,
    logSyncBlock: syncedBlockHash,
    nextTxSeq: node.submissions.nextIndex,
    networkIdentity: { chainId, flowAddress, p2pProtocolVersion: { major: 0, minor: 1, build: 0 } },
  };
}

function fileInfo(node: NodeContext, submission: Submission | undefined): object | null {
  if (!submission) return null;
  return {
    tx: {
      streamIds: [],
      data: [],
      dataMerkleRoot: submission.root,
      merkleNodes: submission.nodes.map(({ root, height }) => [height + 1, root]),
      startEntryIndex: submission.startLeaf,
      size: submission.byteLength,
      seq: submission.index,
    },
    finalized: isFinalised(node, submission),
    isCached: false,
    uploadedSegNum: node.files.segmentsHeld(submission),
    pruned: false,
  };
}

function uploadByRoot(node: NodeContext, items: readonly SegmentUpload[]): Promise<number> {
  const first = items[0];
  const candidates = first ? node.submissions.withRoot(first.root) : [];
  return upload(node, candidates.find((item) => item.byteLength === first?.byteLength) ?? candidates.at(-1), items);
}

async function upload(
  node: NodeContext,
  submission: Submission | undefined,
  items: readonly SegmentUpload[],
): Promise<number> {
  ensureInput(submission !== undefined, "STORAGE_SUBMISSION_UNKNOWN", "the chain has no such submission yet");
  await node.writes.run(() => node.files.accept(submission, items));
  if (isFinalised(node, submission)) node.onFinalised(submission);
  return 0;
}

function leaves(node: NodeContext, submission: Submission | undefined, start: number, end: number): string | null {
  if (!submission) return null;
  const isHeld = [start, end - 1].every((leaf) => node.files.hasSegment(submission, Math.floor(leaf / SEGMENT_LEAVES)));
  if (!isHeld && start < end) return null;
  return Buffer.from(node.files.leaves(submission, start, end)).toString("base64");
}

function segment(node: NodeContext, submission: Submission | undefined, index: number): object | null {
  if (!submission || !node.files.isComplete(submission)) return null;
  ensureInput(
    index < segmentCount(submission.byteLength),
    "STORAGE_SEGMENT_RANGE",
    `the file has ${segmentCount(submission.byteLength)} segments, got index ${index}`,
  );
  return {
    root: submission.root,
    data: Buffer.from(node.files.segment(submission, index)).toString("base64"),
    index,
    proof: node.files.segmentProof(submission, index),
    fileSize: submission.byteLength,
  };
}
