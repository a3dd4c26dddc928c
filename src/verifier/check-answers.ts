import type { Hex } from "../core/bytes.ts";
import { equalBytes } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { Program } from "../compute/program.ts";
import { sameAddress } from "../crypto/address.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { type Receipt, requestsRoot, voucherDigest } from "../models/receipt.ts";

import { ensureFacts } from "./facts.ts";
import type { AnswerFacts, ChainReader, KeyFacts, VersionFacts } from "./ports.ts";
import type { ModelKey, ProofChecker } from "./proof-checker.ts";
import type { EdgeGroup, Finding, Outcome } from "./report.ts";

/** Judges every verifying key of the version: that it is the one baked from these weights. */
export async function checkBakedKeys(
  group: EdgeGroup,
  proofs: ProofChecker,
  keys: readonly KeyFacts[],
  program: Finding<Program>,
  weights: Finding<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  for (const [i, key] of keys.entries()) {
    const id = i === 0 ? "baked-key" : `baked-key:${i}`;
    await group.check(
      { id, title: "the verifying key is baked from the weights", needs: [program, weights] },
      async (...files) => {
        const baked = await proofs.bakeKey(...files, signal);
        ensureKey(key, baked);
        const note = key.insecure ? ", INSECURE: from a development set-up" : "";
        return { value: undefined, detail: `circuit ${key.circuitId}, key ${key.keyHash}${note}` };
      },
    );
  }
}

function ensureKey(key: KeyFacts, baked: ModelKey): void {
  ensureCheck(
    key.circuitId === baked.circuitId,
    "VERIFIER_KEY_CIRCUIT",
    `the key is registered for circuit ${key.circuitId}, the program's is ${baked.circuitId}`,
  );
  ensureCheck(
    equalBytes(key.encodedKey, baked.encodedKey),
    "VERIFIER_KEY_NOT_BAKED",
    `recompiling gives another key than the registered ${key.keyHash}`,
  );
}

/** Judges every paid answer: the consumer's voucher, and the proof under the registered key. */
export async function checkAnswers(
  group: EdgeGroup,
  chain: ChainReader,
  proofs: ProofChecker,
  version: VersionFacts,
  keys: readonly KeyFacts[],
  signal?: AbortSignal,
): Promise<void> {
  const answers = await chain.answers(version.versionId);
  for (const [i, answer] of answers.entries()) {
    signal?.throwIfAborted();
    await group.check({ id: `receipt:${i}`, title: `paid answer ${i}`, needs: [] }, async () => {
      const { receipt } = answer;
      if (receipt === undefined) return ensureSettled(keys, answer);
      ensureVoucher(version, answer, receipt);
      await ensureSigned(chain, receipt);
      await ensureProven(proofs, keys, receipt);
      const { consumer } = receipt.voucher;
      return { value: undefined, detail: `answer ${receipt.answer} to ${consumer} for ${answer.settled.feeWei} wei` };
    });
  }
}

/**
 * Anybody can settle an answer of their own through a contract, whose calldata does not show the receipt, so that must not condemn a
 * model: `Settlement` has checked voucher and proof, and what its log says is checked here.
 */
function ensureSettled(keys: readonly KeyFacts[], { settled, priceWei, transaction }: AnswerFacts): Outcome<undefined> {
  ensureFacts("VERIFIER_RECEIPT_MISMATCH", "answer", [["price", settled.feeWei, priceWei]]);
  const isKnown = keys.some(({ circuitId }) => circuitId === settled.circuitId);
  ensureCheck(isKnown, "VERIFIER_KEY_UNKNOWN", `the version has no key of circuit ${settled.circuitId}`);
  const detail = `answer ${settled.answer} to ${settled.consumer} for ${settled.feeWei} wei, settled through another contract in ${transaction}: voucher and proof were checked by the chain alone`;
  return { value: undefined, detail };
}

/** The receipt says what was settled, and its fee is price times units. */
function ensureVoucher(version: VersionFacts, { settled, priceWei }: AnswerFacts, receipt: Receipt): void {
  const { voucher } = receipt;
  ensureFacts("VERIFIER_RECEIPT_MISMATCH", "receipt", [
    ["version", voucher.versionId, version.versionId],
    ["consumer", lower(voucher.consumer), lower(settled.consumer)],
    ["provider", lower(voucher.provider), lower(settled.provider)],
    ["price version", voucher.priceVersion, settled.priceVersion],
    ["units", voucher.units, settled.units],
    ["circuit", receipt.circuitId, settled.circuitId],
    ["input hash", receipt.inputHash, settled.inputHash],
    ["answer", receipt.answer, settled.answer],
    ["fee", voucher.cumulativeFeeWei, priceWei * voucher.units],
    ["requests", voucher.requestsRoot, requestsRoot(receipt.inputHash)],
    ["price", settled.feeWei, priceWei],
  ]);
}

async function ensureSigned(chain: ChainReader, { voucher, signature }: Receipt): Promise<void> {
  const digest = voucherDigest({ chainId: chain.chainId, verifyingContract: chain.contracts.Settlement }, voucher);
  const signer = recoverSigner(digest, signature);
  const isSigned =
    (signer !== undefined && sameAddress(signer, voucher.consumer)) ||
    (await chain.isValidSignature(voucher.consumer, digest, signature));
  ensureCheck(isSigned, "VERIFIER_VOUCHER_SIGNATURE", `the voucher is not signed by its consumer ${voucher.consumer}`);
}

async function ensureProven(proofs: ProofChecker, keys: readonly KeyFacts[], receipt: Receipt): Promise<void> {
  const key = keys.find(({ circuitId }) => circuitId === receipt.circuitId);
  ensureCheck(key !== undefined, "VERIFIER_KEY_UNKNOWN", `the version has no key of circuit ${receipt.circuitId}`);
  const isProven = await proofs.verify(key.encodedKey, receipt.proof, [receipt.answer, receipt.inputHash]);
  ensureCheck(isProven, "VERIFIER_PROOF_INVALID", `the proof does not hold for answer ${receipt.answer}`);
}

function lower(address: Hex): string {
  return address.toLowerCase();
}
