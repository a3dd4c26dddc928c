import { expect } from "chai";

import { answerClaim, type PublicAnswer } from "../../../src/compute/claims.ts";
import { openPublicModel } from "../../../src/compute/public-model.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { CLAIM_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import type { PublicReceipt } from "../../../src/models/public-receipt.ts";
import { verifyReceipt } from "../../../src/verifier/verify-receipt.ts";
import { tinyModel } from "../../support/public-model.ts";
import { testKey } from "../../support/stub-job.ts";

const JOB_REGISTRY = `0x${"0b".repeat(20)}` as const;
const SIGNER = testKey("signer");
const OPERATOR = testKey("operator").address;
const chain = {
  chainId: 31337,
  contracts: { JobRegistry: JOB_REGISTRY, DatasetRegistry: JOB_REGISTRY, Settlement: JOB_REGISTRY },
  operatorOfSigner: (signer: Hex) => Promise.resolve(signer === SIGNER.address ? OPERATOR : undefined),
};
const files = tinyModel();

function signed(change: Partial<PublicAnswer> = {}, by = SIGNER): PublicReceipt {
  const answered = { ...openPublicModel(files).answer(Uint8Array.of(3, 5, 0)), ...change };
  const domain = { chainId: 31337n, verifyingContract: JOB_REGISTRY };
  const signature = toHex(signDigest(typedDataDigest(domain, CLAIM_TYPE, answerClaim(answered)), by.secretKey));
  return { chainId: 31337n, jobRegistry: JOB_REGISTRY, operator: OPERATOR, ...answered, signature };
}

async function failedEdges(receipt: PublicReceipt): Promise<readonly string[]> {
  const { failed, skipped } = await verifyReceipt({ receipt, chain, model: files });
  return [...failed, ...skipped.map((id) => `(${id})`)];
}

describe("verifyReceipt", () => {
  it("passes an honest receipt, with the model and without it", async () => {
    const { verdict, passed } = await verifyReceipt({ receipt: signed(), chain, model: files });
    expect({ verdict, passed }).to.deep.equal({ verdict: "pass", passed: 4 });
    expect((await verifyReceipt({ receipt: signed(), chain, model: undefined })).passed).to.equal(2);
  });

  it("fails a signed lie at its answer alone: what is left is evidence", async () => {
    expect(await failedEdges(signed({ answer: 0 }))).to.deep.equal(["receipt:answer"]);
    expect(await failedEdges(signed({ query: new Uint8Array(2) }))).to.deep.equal(["receipt:answer"]);
  });

  it("fails whatever the operator did not sign", async () => {
    const honest = signed();
    for (const receipt of [
      { ...honest, answer: 0 },
      { ...honest, query: Uint8Array.of(4, 5, 0) },
      signed({}, testKey("stranger")),
      { ...honest, operator: testKey("stranger").address },
      { ...honest, signature: `0x${"00".repeat(65)}` } as const,
    ]) {
      expect((await verifyReceipt({ receipt, chain, model: undefined })).failed).to.deep.equal(["receipt:signature"]);
    }
  });

  it("fails a receipt of another deployment or model", async () => {
    const elsewhere = ["receipt:deployment", "(receipt:signature)"];
    expect(await failedEdges({ ...signed(), chainId: 1n })).to.deep.equal(elsewhere);
    expect(await failedEdges({ ...signed(), jobRegistry: OPERATOR })).to.deep.equal(elsewhere);
    const other = signed({ weightsRoot: `0x${"11".repeat(32)}` });
    expect(await failedEdges(other)).to.deep.equal(["receipt:model", "(receipt:answer)"]);
  });
});
