import { expect } from "chai";

import { answerClaim } from "../../../src/compute/claims.ts";
import { openPublicModel, type PublicModel } from "../../../src/compute/public-model.ts";
import { fromHex, type Hex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { CLAIM_TYPE } from "../../../src/crypto/messages.ts";
import { recoverSigner } from "../../../src/crypto/signature.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { publicReceiptToJson } from "../../../src/models/public-receipt.ts";
import { AnswerInputs } from "../../../src/worker/answer-inputs.ts";
import { PublicAnswers } from "../../../src/worker/public-answers.ts";
import { requestPublicAnswer } from "../../../src/worker/public-client.ts";
import { SignedJournal } from "../../../src/worker/signed-journal.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { serveRaw } from "../../support/part-server.ts";
import { tinyModel } from "../../support/public-model.ts";
import { testKey } from "../../support/stub-job.ts";

const SIGNER = testKey("signer");
const OPERATOR = testKey("operator").address;
const DOMAIN = { chainId: 31337n, verifyingContract: `0x${"0b".repeat(20)}` } as const;
const QUERY = Uint8Array.of(3, 5, 0);

describe("public answers", () => {
  let store: MemoryStore;
  let model: PublicModel;
  let answers: PublicAnswers;

  const serving = (...models: PublicModel[]): PublicAnswers =>
    new PublicAnswers({
      models,
      journal: new SignedJournal(store, SIGNER),
      inputs: new AnswerInputs(store),
      operator: OPERATOR,
      domain: DOMAIN,
    });
  const asking = (query = QUERY): { programRoot: Hex; weightsRoot: Hex; query: Uint8Array } => {
    const { programRoot, weightsRoot } = model;
    return { programRoot, weightsRoot, query };
  };

  beforeEach(() => {
    store = new MemoryStore();
    model = openPublicModel(tinyModel());
    answers = serving(model);
  });

  it("are signed as claims of what was asked and said, the same each time", async () => {
    const receipt = await answers.answer(asking());
    expect(receipt).to.include({ answer: 1, operator: OPERATOR, jobRegistry: DOMAIN.verifyingContract });
    const digest = typedDataDigest(DOMAIN, CLAIM_TYPE, answerClaim(receipt));
    expect(recoverSigner(digest, fromHex(receipt.signature))).to.equal(SIGNER.address);
    expect(await answers.answer(asking())).to.deep.equal(receipt);
    expect(store.keys("signed/").length).to.equal(1);
    expect(answers.names()).to.deep.equal([{ programRoot: model.programRoot, weightsRoot: model.weightsRoot }]);
  });

  it("are refused by name for another model or length, and nothing is signed", async () => {
    const other = `0x${"11".repeat(32)}` as const;
    await expectGlassboxError(answers.answer({ ...asking(), weightsRoot: other }), "usage", "WORKER_MODEL_UNKNOWN");
    await expectGlassboxError(answers.answer({ ...asking(), programRoot: other }), "usage", "WORKER_MODEL_UNKNOWN");
    await expectGlassboxError(answers.answer(asking(new Uint8Array(2))), "usage", "COMPUTE_INPUT_MISMATCH");
    expect(store.keys("")).to.deep.equal([]);
  });

  it("are never signed a second time with another result, also after a restart", async () => {
    await answers.answer(asking());
    const failing = serving({ ...model, answer: (query) => ({ ...model.answer(query), answer: 0 }) });
    await expectGlassboxError(failing.answer(asking()), "check", "WORKER_ANSWER_CONFLICT");
    expect((await failing.answer(asking(Uint8Array.of(1, 0, 0)))).answer).to.equal(0);
  });

  it("are refused by whoever asked something else", async () => {
    const { signal } = new AbortController();
    const receipt = await answers.answer(asking(Uint8Array.of(9, 9, 9)));
    const server = await serveRaw((_request, response) => {
      response.end(JSON.stringify(publicReceiptToJson(receipt)));
    });
    try {
      await expectGlassboxError(requestPublicAnswer(server.url, asking(), signal), "check", "WORKER_RECEIPT_MISMATCH");
      const { query } = await requestPublicAnswer(server.url, asking(Uint8Array.of(9, 9, 9)), signal);
      expect([...query]).to.deep.equal([9, 9, 9]);
    } finally {
      await server.close();
    }
  });
});
