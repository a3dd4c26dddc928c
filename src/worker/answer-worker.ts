import type { Contracts } from "../chain/contracts.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { requestsRoot } from "../models/receipt.ts";
import { proveInference } from "../proofs/inference-proof.ts";
import type { InferenceKey } from "../proofs/inference-key.ts";
import { inputHash } from "../proofs/input-hash.ts";
import type { AnswerRequest, PaidAnswer } from "./answer-protocol.ts";
import { modelKey } from "./model-keys.ts";
import type { FileSource } from "./training-job.ts";

/** Model versions whose keys are kept in memory. */
const MAX_KEYS = 8;
/** Requests that may wait for their turn. */
const MAX_WAITING = 16;

/** Answers paid questions with proofs, one at a time, and settles each before the answer leaves. */
export class AnswerWorker {
  readonly #contracts: Contracts;
  readonly #files: FileSource;
  readonly #sender: TxSender;
  readonly #cacheDir: string;
  readonly #keys = new Map<bigint, Promise<InferenceKey>>();
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(contracts: Contracts, files: FileSource, sender: TxSender, cacheDir: string) {
    this.#contracts = contracts;
    this.#files = files;
    this.#sender = sender;
    this.#cacheDir = cacheDir;
  }

  /**
   * Answers one question. The voucher is checked before any work, and settled with the answer's proof.
   * @throws GlassboxError `WORKER_BUSY`, `WORKER_VOUCHER_REFUSED`, or the chain's refusal; then nothing is owed.
   */
  async answer(request: AnswerRequest, signal: AbortSignal): Promise<PaidAnswer> {
    ensureInput(this.#waiting < MAX_WAITING, "WORKER_BUSY", "too many requests are waiting; ask again later");
    this.#waiting++;
    try {
      const turn = this.#tail.then(() => this.#answer(request, signal));
      this.#tail = turn.catch(() => undefined);
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  async #answer({ input, voucher, signature }: AnswerRequest, signal: AbortSignal): Promise<PaidAnswer> {
    signal.throwIfAborted();
    const { Settlement, VerifierRegistry } = this.#contracts;
    const refused = (condition: boolean, why: string): void => {
      ensureInput(condition, "WORKER_VOUCHER_REFUSED", `the voucher does not pay: ${why}`);
    };
    refused(sameAddress(voucher.provider, this.#sender.address), "it is for another provider");
    const [spendable, settled, price] = await Promise.all([
      Settlement.spendableWei(voucher.consumer, voucher.provider),
      Settlement.settledUnits(voucher.consumer, voucher.provider, voucher.versionId, voucher.priceVersion),
      Settlement.price(voucher.provider, voucher.versionId, voucher.priceVersion),
    ]);
    refused(voucher.units === settled + 1n, `it is unit ${voucher.units} of the channel, ${settled + 1n} is next`);
    refused(voucher.cumulativeFeeWei === price.priceWei * voucher.units, "its fee is not price x units");
    refused(price.priceWei <= spendable, `the escrow holds ${spendable}`);
    const key = await this.#key(voucher.versionId, signal);
    ensureInput(
      input.length === key.artefacts.inputs,
      "WORKER_INPUT_LENGTH",
      `an input has ${key.artefacts.inputs} bytes, got ${input.length}`,
    );
    refused(voucher.requestsRoot === requestsRoot(inputHash(input)), "it is for another input");

    const proven = await proveInference({ artefacts: key.artefacts, pixels: input, signal });
    const proof = [...proven.proof] as unknown as Proof;
    const known = await VerifierRegistry.verify(voucher.versionId, key.circuitId, proof, [...proven.publicInputs]);
    ensureCheck(known, "WORKER_KEY_MISMATCH", "the key registered for this version is not of its weights");
    const answer = {
      circuitId: key.circuitId,
      inputHash: proven.inputHash,
      answer: BigInt(proven.answer),
      proof,
    };
    const receipt = await this.#sender.send(Settlement.settle.populateTransaction(voucher, signature, answer));
    return {
      answer: proven.answer,
      circuitId: key.circuitId,
      inputHash: proven.inputHash,
      proof: [...proven.proof],
      transaction: receipt.hash as Hex,
    };
  }

  #key(versionId: bigint, signal: AbortSignal): Promise<InferenceKey> {
    const known = this.#keys.get(versionId);
    if (known) return known;
    const building = modelKey(this.#contracts, this.#files, versionId, { cacheDir: this.#cacheDir, signal });
    this.#keys.set(versionId, building);
    building.catch(() => this.#keys.delete(versionId));
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > MAX_KEYS && oldest !== undefined) this.#keys.delete(oldest);
    return building;
  }
}

type Proof = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
