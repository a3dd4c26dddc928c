import type { ContractTransaction, Provider, Signer, TransactionReceipt, TransactionResponse } from "ethers";

import { GlassboxError } from "../core/errors.ts";
import { chainError } from "./revert.ts";

/** Gas is estimated, then raised by this share, because state moves between estimate and inclusion. */
const GAS_MARGIN_PERCENT = 25n;

/** A transaction that nobody includes must not hold up its sender for ever. */
const RECEIPT_MS = 300_000;

/**
 * Sends the transactions of one account in order, so that concurrent callers never share a nonce.
 * Build the request with `contract.method.populateTransaction(...)`.
 */
export class TxSender {
  readonly address: string;
  readonly signer: Signer;
  /** Where transactions are sent. */
  readonly provider: Provider;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(signer: Signer, provider: Provider, address: string) {
    this.signer = signer;
    this.provider = provider;
    this.address = address;
  }

  /** @param signer connected to the provider that sends. */
  static async create(signer: Signer): Promise<TxSender> {
    if (!signer.provider) throw new GlassboxError("bug", "CHAIN_SIGNER_DETACHED", "the signer has no provider");
    return new TxSender(signer, signer.provider, await signer.getAddress());
  }

  /**
   * Estimates, sends, and waits for one confirmation.
   * @throws GlassboxError kind `revert` with the contract's error, kind `network` if the chain is gone.
   */
  async send(request: ContractTransaction | Promise<ContractTransaction>): Promise<TransactionReceipt> {
    const sent = this.#tail.then(async () => this.#submit(await request));
    this.#tail = sent.catch(() => undefined);
    try {
      const response = await sent;
      const receipt = await response.wait(1, RECEIPT_MS);
      if (receipt) return receipt;
    } catch (error) {
      throw chainError(error);
    }
    throw new GlassboxError("network", "CHAIN_RECEIPT_MISSING", "the transaction has no receipt");
  }

  async #submit(request: ContractTransaction): Promise<TransactionResponse> {
    const transaction = { ...request, from: this.address };
    const [estimate, nonce] = await Promise.all([
      this.provider.estimateGas(transaction),
      this.provider.getTransactionCount(this.address, "pending"),
    ]);
    const gasLimit = estimate + (estimate * GAS_MARGIN_PERCENT) / 100n;
    return this.signer.sendTransaction({ ...transaction, gasLimit, nonce });
  }
}
