import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { toHex, type Hex } from "../../core/bytes.ts";
import { ensureCheck } from "../../core/errors.ts";
import type { Eip712Domain } from "../../crypto/eip712.ts";
import type { UnlockedKey } from "../../crypto/keystore.ts";
import type { Voucher } from "../../crypto/messages.ts";
import { signDigest } from "../../crypto/signature.ts";
import { requestsRoot, voucherDigest } from "../../models/receipt.ts";
import { inputHash } from "../../proofs/input-hash.ts";
import { asProofWords } from "../../proofs/verifying-key.ts";
import { answerSchema, type PaidAnswer } from "../../worker/answer-protocol.ts";
import { requestJson } from "../../worker/json-client.ts";

/** Proving takes seconds, the first answer of a worker also the building of the key. */
const ANSWER_TIMEOUT_MS = 300_000;

/** What a consumer buys with. */
export interface Consumer {
  readonly contracts: Contracts;
  readonly sender: TxSender;
  readonly key: UnlockedKey;
  readonly chainId: number;
}

/** Puts money into the escrow that pays one provider. */
export async function depositForProvider(
  { contracts, sender }: Consumer,
  provider: string,
  amountWei: bigint,
): Promise<void> {
  const { Settlement, Token } = contracts;
  await sender.send(Token.approve.populateTransaction(await Settlement.getAddress(), amountWei));
  await sender.send(Settlement.deposit.populateTransaction(provider, amountWei));
}

/**
 * Buys one answer: signs the voucher for it, asks the worker, and checks the proof against the key on chain.
 * @throws GlassboxError `MODEL_ANSWER_UNPROVEN` if the worker's proof does not hold for this input.
 */
export async function buyAnswer(
  { contracts, key, chainId }: Consumer,
  request: { readonly versionId: bigint; readonly provider: Hex; readonly url: string; readonly input: Uint8Array },
  signal: AbortSignal,
): Promise<PaidAnswer> {
  const { Settlement, VerifierRegistry } = contracts;
  const { versionId, provider, url, input } = request;
  const [priceVersion, priceWei] = await readChain(Settlement.currentPrice(provider, versionId));
  const units = (await readChain(Settlement.settledUnits(key.address, provider, versionId, priceVersion))) + 1n;
  const voucher: Voucher = {
    consumer: key.address,
    provider,
    versionId,
    priceVersion: Number(priceVersion),
    units,
    cumulativeFeeWei: units * priceWei,
    requestsRoot: requestsRoot(inputHash(input)),
  };
  const domain: Eip712Domain = { chainId, verifyingContract: (await Settlement.getAddress()) as Hex };
  const answer = await requestJson({
    url: new URL("/v1/answers", url).href,
    body: {
      input: Buffer.from(input).toString("base64"),
      voucher: {
        ...voucher,
        versionId: versionId.toString(),
        units: units.toString(),
        cumulativeFeeWei: voucher.cumulativeFeeWei.toString(),
      },
      signature: toHex(signDigest(voucherDigest(domain, voucher), key.secretKey)),
    },
    schema: answerSchema,
    timeoutMs: ANSWER_TIMEOUT_MS,
    signal,
  });
  const proof = asProofWords(answer.proof);
  const inputs = [BigInt(answer.answer), inputHash(input)];
  const holds = await readChain(VerifierRegistry.verify(versionId, answer.circuitId, proof, inputs));
  ensureCheck(holds, "MODEL_ANSWER_UNPROVEN", `${url} answered ${answer.answer} without a proof that holds`);
  return answer;
}
