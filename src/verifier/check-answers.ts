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

/** Judges every verifying key of the version: that it is the one that follows from these weights, or takes them as committed, and that nobody refuted it. */
export async function checkKeys(
  group: EdgeGroup,
  proofs: ProofChecker,
  keys: readonly KeyFacts[],
  program: Finding<Program>,
  weights: Finding<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  for (const [i, key] of keys.entries()) {
    const isCommitted = key.weightsTwin !== undefined;
    const name = isCommitted ? "committed-key" : "baked-key";
    const title = isCommitted
      ? "the verifying key takes the weights as committed"
      : "the verifying key is baked from the weights";
    const id = i === 0 ? name : `${name}:${i}`;
    await group.check({ id, title, needs: [program, weights] }, async (...files) => {
      ensureStanding(key);
      await (isCommitted ? ensureCommitted(proofs, key, ...files, signal) : ensureBaked(proofs, key, ...files, signal));
      const note = key.insecure ? ", INSECURE: from a development set-up" : "";
      return { value: undefined, detail: `circuit ${key.circuitId}, key ${key.keyHash}${note}` };
    });
  }
}

function ensureStanding(key: KeyFacts): void {
  ensureCheck(
    !key.refuted,
    "VERIFIER_KEY_REFUTED",
    `a proof of a wrong answer refuted the key ${key.keyHash} on chain`,
  );
}

async function ensureBaked(
  proofs: ProofChecker,
  key: KeyFacts,
  program: Program,
  weights: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  ensureKey(key, await proofs.bakeKey(program, weights, signal));
}

async function ensureCommitted(
  proofs: ProofChecker,
  key: KeyFacts,
  program: Program,
  weights: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const shared = await proofs.committedKey(program, weights, signal);
  ensureKey(key, shared);
  ensureCheck(
    key.weightsTwin === shared.weightsTwin,
    "VERIFIER_KEY_TWIN",
    `the key is bound to the twin ${key.weightsTwin}, that of the weights is ${shared.weightsTwin}`,
  );
}

function ensureKey(key: KeyFacts, baked: ModelKey): void {
  ensureCheck(
    key.circuitId === baked.circuitId,
    "VERIFIER_KEY_CIRCUIT",
    `the key is registered for circuit ${key.circuitId}, the program's is ${baked.circuitId}`,
  );
  ensureCheck(
    equalBytes(key.encodedKey, baked.encodedKey),
    "VERIFIER_KEY_OTHER",
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
      const key = ensureKeyOf(proofs, keys, answer.settled.circuitId);
      if (receipt === undefined) return ensureSettled(key, answer);
      ensureVoucher(version, answer, receipt);
      await ensureSigned(chain, receipt);
      await ensureProven(proofs, key, receipt);
      const { consumer } = receipt.voucher;
      const detail = `answer ${receipt.answer} to ${consumer} for ${answer.settled.feeWei} wei, ${rankOf(key)}`;
      return { value: undefined, detail };
    });
  }
}

/**
 * Anybody can settle an answer of their own through a contract, whose calldata does not show the receipt, so that must not condemn a
 * model: `Settlement` has checked voucher and proof, and what its log says is checked here.
 */
function ensureSettled(key: KeyFacts, { settled, priceWei, transaction }: AnswerFacts): Outcome<undefined> {
  ensureFacts("VERIFIER_RECEIPT_MISMATCH", "answer", [["price", settled.feeWei, priceWei]]);
  const detail = `answer ${settled.answer} to ${settled.consumer} for ${settled.feeWei} wei, ${rankOf(key)}, settled through another contract in ${transaction}: voucher and proof were checked by the chain alone`;
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

/** The key that an answer was settled under, unless it cannot carry one. */
function ensureKeyOf(proofs: ProofChecker, keys: readonly KeyFacts[], circuitId: Hex): KeyFacts {
  const key = keys.find((candidate) => candidate.circuitId === circuitId);
  ensureCheck(key !== undefined, "VERIFIER_KEY_UNKNOWN", `the version has no key of circuit ${circuitId}`);
  ensureStanding(key);
  const isTraining = proofs.isTraining(circuitId);
  ensureCheck(!isTraining, "VERIFIER_KEY_CIRCUIT", `circuit ${circuitId} proves training runs, not answers`);
  return key;
}

/** A key with baked weights is believed until it is refuted; one with committed weights is the same for all models. */
function rankOf({ weightsTwin }: KeyFacts): string {
  return weightsTwin === undefined ? "open to challenge" : "proven";
}

async function ensureProven(proofs: ProofChecker, key: KeyFacts, receipt: Receipt): Promise<void> {
  const twin = key.weightsTwin === undefined ? [] : [key.weightsTwin];
  const isProven = await proofs.verify(key.encodedKey, receipt.proof, [receipt.answer, receipt.inputHash, ...twin]);
  ensureCheck(isProven, "VERIFIER_PROOF_INVALID", `the proof does not hold for answer ${receipt.answer}`);
}

function lower(address: Hex): string {
  return address.toLowerCase();
}
