import { ensureInput } from "../core/errors.ts";
import { SEGMENT_LEAVES } from "../crypto/file-shape.ts";
import type { Submission } from "./submission.ts";

/** 0G's sharding: a node serves the segments of the flow whose number is `shardId` modulo `numShard`. */
export interface ShardConfig {
  readonly shardId: number;
  readonly numShard: number;
}

/** Serves everything. */
export const WHOLE_FLOW: ShardConfig = { shardId: 0, numShard: 1 };

/** Checks that `numShard` is a power of two above `shardId`. */
export function checkShard(shard: ShardConfig): void {
  const { shardId, numShard } = shard;
  const valid =
    Number.isInteger(Math.log2(numShard)) && Number.isInteger(shardId) && shardId >= 0 && shardId < numShard;
  ensureInput(valid, "STORAGE_SHARD_INVALID", `no such shard: ${shardId} of ${numShard}`);
}

/** True if the shard serves segment `index` of the file. */
export function holdsShard(shard: ShardConfig, submission: Pick<Submission, "startLeaf">, index: number): boolean {
  return (Math.floor(submission.startLeaf / SEGMENT_LEAVES) + index) % shard.numShard === shard.shardId;
}
