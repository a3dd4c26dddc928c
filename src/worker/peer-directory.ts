import type { Hex } from "../core/bytes.ts";
import { endpointUrl } from "../core/endpoint.ts";
import { GlassboxError } from "../core/errors.ts";
import type { NodeDirectory, ShardedNode } from "../storage/indexer-methods.ts";
import { StorageNodeClient } from "../storage/node-client.ts";

/** Peers asked at once. */
const MAX_PEERS = 32;
const TIMEOUT_MS = 2_000;

/** Finds the other storage workers and asks them what they have. A peer that does not answer in time is left out. */
export class PeerDirectory implements NodeDirectory {
  readonly #self: ShardedNode;
  readonly #hasFile: (root: Hex) => boolean;
  readonly #peerUrls: () => Promise<readonly string[]>;
  readonly #signal: AbortSignal;

  /** @param parts.peerUrls base URLs of all storage workers, as their operators published them; may contain this one. */
  constructor(parts: {
    readonly self: ShardedNode;
    readonly hasFile: (root: Hex) => boolean;
    readonly peerUrls: () => Promise<readonly string[]>;
    readonly signal: AbortSignal;
  }) {
    this.#self = parts.self;
    this.#hasFile = parts.hasFile;
    this.#peerUrls = parts.peerUrls;
    this.#signal = parts.signal;
  }

  async nodes(): Promise<readonly ShardedNode[]> {
    const peers = await this.#askPeers(async (peer, signal) => peer.shardConfig(signal));
    return [this.#self, ...peers];
  }

  async locate(root: Hex): Promise<readonly ShardedNode[]> {
    const peers = await this.#askPeers(async (peer, signal) => {
      const info = await peer.fileInfo({ root }, signal);
      return info?.finalized === true ? peer.shardConfig(signal) : undefined;
    });
    return this.#hasFile(root) ? [this.#self, ...peers] : peers;
  }

  async #askPeers(
    ask: (peer: StorageNodeClient, signal: AbortSignal) => Promise<ShardedNode["config"] | undefined>,
  ): Promise<ShardedNode[]> {
    const known = (await this.#peerUrls()).map(endpointUrl).filter((url) => url !== undefined);
    const urls = [...new Set(known)].filter((url) => url !== endpointUrl(this.#self.url)).slice(0, MAX_PEERS);
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answers = urls.map(async (url): Promise<ShardedNode[]> => {
      try {
        const config = await ask(new StorageNodeClient(url), signal);
        return config ? [{ url, config }] : [];
      } catch (error) {
        if (signal.aborted || error instanceof GlassboxError) return [];
        throw error;
      }
    });
    return (await Promise.all(answers)).flat();
  }
}
