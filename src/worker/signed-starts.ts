import type { Hex } from "../core/bytes.ts";
import type { Eip712Domain } from "../crypto/eip712.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";

/**
 * Keeps the weights that signed parts start from: whoever doubts a part is answered with everything that was computed from them.
 * Parts of one round share their start.
 */
export class SignedStarts {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Keeps a weights file; it survives the death of the process once this resolves. */
  async keep(domain: Eip712Domain, jobId: bigint, startRoot: Hex, weights: Uint8Array): Promise<void> {
    const key = `${prefixOf(domain, jobId)}${startRoot}`;
    if (!this.#store.has(key)) await this.#store.commit([{ key, value: weights }]);
  }

  /** Forgets what parts of a job started from: nobody can challenge them any more. */
  async forget(domain: Eip712Domain, jobId: bigint): Promise<void> {
    const keys = this.#store.keys(prefixOf(domain, jobId));
    await this.#store.commit(keys.map((key) => ({ key, value: undefined })));
  }

  /** The weights file of a root, if a part was signed that starts from it. */
  read(domain: Eip712Domain, jobId: bigint, startRoot: Hex): Uint8Array | undefined {
    return this.#store.get(`${prefixOf(domain, jobId)}${startRoot}`);
  }
}

function prefixOf({ chainId, verifyingContract }: Eip712Domain, jobId: bigint): string {
  return `start/${chainId}/${verifyingContract.toLowerCase()}/${jobId}/`;
}
