import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { rpcMethod, type RpcMethod } from "./json-rpc.ts";
import type { ShardConfig } from "./shard.ts";
import { hashSchema } from "./zgs-schemas.ts";

/** A node as the indexer lists it. */
export interface ShardedNode {
  readonly url: string;
  readonly config: ShardConfig;
}

/** Which nodes there are, and who has a file. */
export interface NodeDirectory {
  nodes(): Promise<readonly ShardedNode[]>;
  /** Nodes that have all of the file they are to serve. */
  locate(root: Hex): Promise<readonly ShardedNode[]>;
}

/** The methods of a 0G indexer. */
export function indexerMethods(directory: NodeDirectory): Map<string, RpcMethod> {
  const none = z.tuple([]);
  return new Map<string, RpcMethod>([
    [
      "indexer_getShardedNodes",
      rpcMethod(none, async () => ({ trusted: (await directory.nodes()).map(entry), discovered: [] })),
    ],
    [
      "indexer_getFileLocations",
      rpcMethod(z.tuple([hashSchema]), async ([root]) => {
        const found = await directory.locate(root);
        return found.length === 0 ? null : found.map(entry);
      }),
    ],
    ["indexer_getNodeLocations", rpcMethod(none, () => ({}))],
  ]);
}

function entry(node: ShardedNode): object {
  return { url: node.url, config: node.config, latency: 0, since: 0 };
}
