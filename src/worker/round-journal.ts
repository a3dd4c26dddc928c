import { fromHex, toHex } from "../core/bytes.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { ComputedPart } from "./part-client.ts";

const SIGNATURE_BYTES = 65;
const ADDRESS_BYTES = 20;
const SIGNER_AT = SIGNATURE_BYTES + ADDRESS_BYTES;
const WEIGHTS_AT = SIGNER_AT + ADDRESS_BYTES;

/** Keeps every part that a worker delivered, so that nothing is computed twice. */
export class RoundJournal {
  readonly #store: KeyValueStore;
  readonly #prefix: string;

  constructor(store: KeyValueStore, chainId: bigint, jobId: bigint) {
    this.#store = store;
    this.#prefix = `part/${chainId}/${jobId}/`;
  }

  /** Keeps a part; it survives the death of the process once this resolves. */
  async keep(index: bigint, part: ComputedPart): Promise<void> {
    const { signature, operator, signer, weights } = part;
    const value = Buffer.concat([fromHex(signature), fromHex(operator), fromHex(signer), weights]);
    await this.#store.commit([{ key: this.#key(index), value }]);
  }

  /** A part that was kept, perhaps for a chain that is gone: whoever reads it checks it again. */
  read(index: bigint): ComputedPart | undefined {
    const value = this.#store.get(this.#key(index));
    if (!value || value.length < WEIGHTS_AT) return undefined;
    return {
      signature: toHex(value.subarray(0, SIGNATURE_BYTES)),
      operator: toHex(value.subarray(SIGNATURE_BYTES, SIGNER_AT)),
      signer: toHex(value.subarray(SIGNER_AT, WEIGHTS_AT)),
      weights: value.slice(WEIGHTS_AT),
    };
  }

  #key(index: bigint): string {
    return `${this.#prefix}${index.toString().padStart(12, "0")}`;
  }
}
