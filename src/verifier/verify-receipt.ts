import { answerClaim } from "../compute/claims.ts";
import { openPublicModel } from "../compute/public-model.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import type { PublicReceipt } from "../models/public-receipt.ts";
import type { ChainReader } from "./ports.ts";
import { EdgeGroup, makeReport, type Report } from "./report.ts";

/** What a receipt is judged against. */
export interface ReceiptInputs {
  readonly receipt: PublicReceipt;
  readonly chain: Pick<ChainReader, "chainId" | "contracts" | "operatorOfSigner">;
  /** The model's files, to repeat the answer; without them only the signature is judged. */
  readonly model: { readonly program: Uint8Array; readonly weights: Uint8Array } | undefined;
}

/** Judges a public answer: that an operator of this deployment signed it and, if the model is at hand, that it is right. */
export async function verifyReceipt({ receipt, chain, model }: ReceiptInputs): Promise<Report> {
  const root = new EdgeGroup("receipt", "a public answer");
  const domain = await root.check(
    { id: "receipt:deployment", title: "the receipt is for this deployment", needs: [] },
    () => {
      const { chainId, jobRegistry } = receipt;
      ensureCheck(
        chainId === BigInt(chain.chainId) && sameAddress(jobRegistry, chain.contracts.JobRegistry),
        "VERIFIER_DEPLOYMENT",
        `it is signed for ${jobRegistry} on chain ${chainId}`,
      );
      return { value: { chainId, verifyingContract: jobRegistry }, detail: `JobRegistry ${jobRegistry}` };
    },
  );
  await root.check(
    { id: "receipt:signature", title: "an operator's signing key signed the answer", needs: [domain] },
    async (signedFor) => {
      const digest = typedDataDigest(signedFor, CLAIM_TYPE, answerClaim(receipt));
      const signer = recoverSigner(digest, fromHex(receipt.signature));
      const operator = signer && (await chain.operatorOfSigner(signer));
      ensureCheck(
        operator !== undefined && sameAddress(operator, receipt.operator),
        "VERIFIER_ANSWER_SIGNATURE",
        `it is not signed by ${receipt.operator}`,
      );
      return { value: undefined, detail: `signed by ${signer} for ${operator}` };
    },
  );
  if (model !== undefined) await checkAnswer(root, receipt, model);
  return makeReport(`the answer ${receipt.answer}`, chain.chainId, root);
}

async function checkAnswer(
  root: EdgeGroup,
  receipt: PublicReceipt,
  files: { readonly program: Uint8Array; readonly weights: Uint8Array },
): Promise<void> {
  const model = await root.check(
    { id: "receipt:model", title: "the model is the one that answered", needs: [] },
    () => {
      const opened = openPublicModel(files);
      ensureSame("program", opened.programRoot, receipt.programRoot);
      ensureSame("weights", opened.weightsRoot, receipt.weightsRoot);
      return { value: opened, detail: `program ${opened.programRoot}, weights ${opened.weightsRoot}` };
    },
  );
  await root.check(
    { id: "receipt:answer", title: "the model gives this answer to this query", needs: [model] },
    (opened) => {
      const { answer } = opened.answer(receipt.query);
      ensureCheck(
        answer === receipt.answer,
        "VERIFIER_ANSWER",
        `recomputing gives ${answer}, the receipt says ${receipt.answer}`,
      );
      return { value: undefined, detail: `${answer}, recomputed` };
    },
  );
}

function ensureSame(what: string, actual: Hex, expected: Hex): void {
  const isSame = actual.toLowerCase() === expected.toLowerCase();
  ensureCheck(isSame, "VERIFIER_MODEL", `its ${what} is ${actual}, the receipt's is ${expected}`);
}
