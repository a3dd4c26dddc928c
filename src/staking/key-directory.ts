import { ZeroAddress } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { type Hex, toHex } from "../core/bytes.ts";
import { keccak256 } from "../crypto/keccak.ts";

/** Keys that are remembered; beyond that the oldest are forgotten. */
const MAX_KEYS = 8_192;
/** A key may end at any time, so what is known of it is asked again after this. */
const KEEP_MS = 60_000;

/** Whose key it is, and when it was replaced: 0 while it is in use. */
export interface KeyOwner {
  readonly operator: Hex;
  readonly endedAt: bigint;
}

/** Tells whose a key is; undefined for a key that no operator ever entered. */
export interface KeyDirectory {
  ofSigner(signer: Hex): Promise<KeyOwner | undefined>;
  /** @param key BLS public key, 96 bytes */
  ofKey(key: Uint8Array): Promise<KeyOwner | undefined>;
}

/** The keys in `OperatorRegistry`. Unknown keys are not remembered: they may be entered a moment later. */
export class ChainKeyDirectory implements KeyDirectory {
  readonly #registry: Contracts["OperatorRegistry"];
  readonly #known = new Map<string, { readonly owner: KeyOwner; readonly at: number }>();

  constructor({ OperatorRegistry }: Pick<Contracts, "OperatorRegistry">) {
    this.#registry = OperatorRegistry;
  }

  ofSigner(signer: Hex): Promise<KeyOwner | undefined> {
    return this.#find(signer.toLowerCase(), () => this.#registry.signerInfo(signer));
  }

  ofKey(key: Uint8Array): Promise<KeyOwner | undefined> {
    const keyHash = toHex(keccak256(key));
    return this.#find(keyHash, () => this.#registry.blsKeyInfo(keyHash));
  }

  async #find(name: string, ask: () => Promise<[string, bigint]>): Promise<KeyOwner | undefined> {
    const known = this.#known.get(name);
    const now = performance.now();
    if (known && now - known.at < KEEP_MS) return known.owner;
    const [operator, endedAt] = await readChain(ask());
    if (operator === ZeroAddress) return undefined;
    const owner: KeyOwner = { operator: operator as Hex, endedAt };
    this.#known.delete(name);
    this.#known.set(name, { owner, at: now });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KEYS && oldest !== undefined) this.#known.delete(oldest);
    return owner;
  }
}
