import type { SignedPart } from "../compute/rounds-file.ts";
import { fromHex, toHex } from "../core/bytes.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { ComputedPart } from "./part-client.ts";

const SIGNATURE_BYTES = 65;
const ADDRESS_BYTES = 20;

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
    const value = Buffer.concat([fromHex(part.signature), fromHex(part.operator), part.weights]);
    await this.#store.commit([{ key: this.#key(index), value }]);
  }

  /** A part that was kept. */
  read(index: bigint): ComputedPart | undefined {
    const value = this.#store.get(this.#key(index));
    if (!value) return undefined;
    const operatorAt = SIGNATURE_BYTES + ADDRESS_BYTES;
    const signed: SignedPart = {
      signature: toHex(value.subarray(0, SIGNATURE_BYTES)),
      operator: toHex(value.subarray(SIGNATURE_BYTES, operatorAt)),
    };
    return { ...signed, weights: value.slice(operatorAt) };
  }

  #key(index: bigint): string {
    return `${this.#prefix}${index.toString().padStart(12, "0")}`;
  }
}
