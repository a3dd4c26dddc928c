import type { Contracts } from "../chain/contracts.ts";
import { acceptsSignature } from "../chain/erc1271.ts";
import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { PromiseCache } from "../core/promise-cache.ts";
import { sameAddress } from "../crypto/address.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { requestsRoot, voucherDigest } from "../models/receipt.ts";
import { inputHash } from "../proofs/input-hash.ts";
import type { AnswerRequest, PaidAnswer } from "./answer-protocol.ts";
import { type ModelProver, modelProver } from "./model-prover.ts";
import type { FileSource } from "../storage/ports.ts";

/** Model versions whose keys are kept in memory. */
const MAX_KEYS = 8;
/** Requests that may wait for their turn, one of each consumer. */
const MAX_WAITING = 16;
/** An answer must be settled before its key's end. */
const RETIREMENT_MARGIN_SECONDS = 60n;

/** Answers paid questions with proofs, one at a time, and settles each before the answer leaves. */
export class AnswerWorker {
  readonly #contracts: Contracts;
  readonly #files: FileSource;
  readonly #sender: TxSender;
  readonly #cacheDir: string;
  readonly #provers = new PromiseCache<bigint, ModelProver>(MAX_KEYS);
  #tail: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Set<string>();

  constructor(contracts: Contracts, files: FileSource, sender: TxSender, cacheDir: string) {
    this.#contracts = contracts;
    this.#files = files;
    this.#sender = sender;
    this.#cacheDir = cacheDir;
  }

  /**
   * Answers one question. Everything that can keep the voucher from being settled is checked before any work, and again right before
   * the proof is made, since others may have waited in between.
   * @throws GlassboxError `WORKER_BUSY`, `WORKER_VOUCHER_REFUSED`, or the chain's refusal; then nothing is owed.
   */
  async answer(request: AnswerRequest, signal: AbortSignal): Promise<PaidAnswer> {
    await this.#ensurePays(request);
    const consumer = request.voucher.consumer.toLowerCase();
    const hasRoom = this.#waiting.size < MAX_WAITING && !this.#waiting.has(consumer);
    ensureInput(hasRoom, "WORKER_BUSY", "too many requests are waiting; ask again later");
    this.#waiting.add(consumer);
    try {
      const turn = this.#tail.then(() => this.#answer(request, signal));
      this.#tail = turn.catch(() => undefined);
      return await turn;
    } finally {
      this.#waiting.delete(consumer);
    }
  }

  async #answer(request: AnswerRequest, signal: AbortSignal): Promise<PaidAnswer> {
    signal.throwIfAborted();
    const { input, voucher, signature } = request;
    const { Settlement, VerifierRegistry } = this.#contracts;
    const prover = await this.#prover(voucher.versionId, signal);
    const { circuitId, inputs } = prover;
    ensureInput(input.length === inputs, "WORKER_INPUT_LENGTH", `an input has ${inputs} bytes, got ${input.length}`);
    await this.#ensurePays(request);
    await this.#ensureAccepted(voucher.versionId, circuitId);

    const { answer, inputHash: hash, proof } = await prover.prove(input, signal);
    const holds = await readChain(VerifierRegistry.verify(voucher.versionId, circuitId, proof, [BigInt(answer), hash]));
    ensureCheck(holds, "WORKER_KEY_MISMATCH", "the key registered for this version is not of its weights");
    const settled = { circuitId, inputHash: hash, answer: BigInt(answer), proof };
    const receipt = await this.#sender.send(Settlement.settle.populateTransaction(voucher, signature, settled));
    return { answer, circuitId, inputHash: hash, proof: [...proof], transaction: receipt.hash as Hex };
  }

  /** Checks all that `Settlement.settle` will check, except the proof. */
  async #ensurePays({ input, voucher, signature }: AnswerRequest): Promise<void> {
    const { Settlement } = this.#contracts;
    const { consumer, provider, versionId, priceVersion, units } = voucher;
    ensurePaying(sameAddress(provider, this.#sender.address), "it is for another provider");
    ensurePaying(voucher.requestsRoot === requestsRoot(inputHash(input)), "it is for another input");
    const [spendable, settled, price] = await readChain(
      Promise.all([
        Settlement.spendableWei(consumer, provider),
        Settlement.settledUnits(consumer, provider, versionId, priceVersion),
        Settlement.price(provider, versionId, priceVersion),
      ]),
    );
    ensurePaying(units === settled + 1n, `it is unit ${units} of the channel, ${settled + 1n} is next`);
    ensurePaying(voucher.cumulativeFeeWei === price.priceWei * units, "its fee is not price x units");
    ensurePaying(price.effectiveAt <= (await chainTime(this.#sender.provider)), "its price is not in effect yet");
    ensurePaying(price.priceWei <= spendable, `the escrow holds ${spendable}`);
    ensurePaying(await this.#isSigned(voucher, fromHex(signature)), "its consumer did not sign it");
  }

  async #isSigned(voucher: AnswerRequest["voucher"], signature: Uint8Array): Promise<boolean> {
    const { Settlement } = this.#contracts;
    const { provider } = this.#sender;
    const { chainId } = await readChain(provider.getNetwork());
    const digest = voucherDigest({ chainId, verifyingContract: (await Settlement.getAddress()) as Hex }, voucher);
    const signer = recoverSigner(digest, signature);
    if (signer !== undefined && sameAddress(signer, voucher.consumer)) return true;
    return acceptsSignature(provider, voucher.consumer, digest, signature);
  }

  /** A key that the chain does not know, or not any more, would make the proof worthless. */
  async #ensureAccepted(versionId: bigint, circuitId: Hex): Promise<void> {
    const { retiresAt } = await readChain(this.#contracts.VerifierRegistry.key(versionId, circuitId));
    const isInUse =
      retiresAt === 0n || retiresAt > (await chainTime(this.#sender.provider)) + RETIREMENT_MARGIN_SECONDS;
    // There may be another key to answer with.
    if (!isInUse) this.#provers.forget(versionId);
    ensureInput(isInUse, "WORKER_KEY_RETIRED", `the key of version ${versionId} is retired`);
  }

  #prover(versionId: bigint, signal: AbortSignal): Promise<ModelProver> {
    const options = { cacheDir: this.#cacheDir, signal };
    return this.#provers.get(versionId, () => modelProver(this.#contracts, this.#files, versionId, options));
  }
}

function ensurePaying(condition: boolean, why: string): void {
  ensureInput(condition, "WORKER_VOUCHER_REFUSED", `the voucher does not pay: ${why}`);
}
