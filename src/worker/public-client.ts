import { equalBytes } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { publicReceiptSchema, type PublicReceipt } from "../models/public-receipt.ts";
import { requestJson } from "./json-client.ts";
import type { PublicRequest } from "./public-protocol.ts";

const TIMEOUT_MS = 30_000;

/**
 * Asks a worker for a public answer. That the receipt is for this question is checked; what it says is not.
 * @throws GlassboxError a network error, or `WORKER_RECEIPT_MISMATCH` for a receipt of another question.
 */
export async function requestPublicAnswer(
  url: string,
  question: PublicRequest,
  signal: AbortSignal,
): Promise<PublicReceipt> {
  const { programRoot, weightsRoot, query } = question;
  const receipt = await requestJson({
    url: new URL("/v1/public-answers", url).href,
    body: { programRoot, weightsRoot, query: Buffer.from(query).toString("base64") },
    schema: publicReceiptSchema,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const isMine =
    receipt.programRoot === programRoot && receipt.weightsRoot === weightsRoot && equalBytes(receipt.query, query);
  ensureCheck(isMine, "WORKER_RECEIPT_MISMATCH", `${url} gave a receipt of another question`);
  return receipt;
}
