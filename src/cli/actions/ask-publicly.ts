import { writeFile } from "node:fs/promises";

import { ensureCheck } from "../../core/errors.ts";
import { publicReceiptToJson, type PublicReceipt } from "../../models/public-receipt.ts";
import { verifyReceipt, type ReceiptInputs } from "../../verifier/verify-receipt.ts";
import { requestPublicAnswer } from "../../worker/public-client.ts";
import type { PublicRequest } from "../../worker/public-protocol.ts";

/** What an answer is judged with, and where its receipt is kept. */
export interface PublicAsking {
  readonly chain: ReceiptInputs["chain"];
  readonly files: NonNullable<ReceiptInputs["model"]>;
  readonly receiptFile: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a worker and repeats its answer. The receipt is written before it is judged: a wrong answer with a signature is evidence.
 * @throws GlassboxError `MODEL_ANSWER_WRONG`, or what asking throws.
 */
export async function askPublicly(
  url: string,
  question: PublicRequest,
  { chain, files, receiptFile, signal }: PublicAsking,
): Promise<PublicReceipt> {
  const receipt = await requestPublicAnswer(url, question, signal);
  const json = publicReceiptToJson(receipt);
  if (receiptFile !== undefined) await writeFile(receiptFile, `${JSON.stringify(json, undefined, 2)}\n`);
  const { verdict, failed } = await verifyReceipt({ receipt, chain, model: files });
  ensureCheck(verdict === "pass", "MODEL_ANSWER_WRONG", `${url} answered ${receipt.answer}: ${failed.join(", ")}`, {
    details: { receipt: json, failed },
    hint: "`glassbox verify receipt` says what is wrong with a receipt; one with a good signature is evidence",
  });
  return receipt;
}
