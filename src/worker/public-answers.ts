import { answerClaim, queryFile } from "../compute/claims.ts";
import type { PublicModel } from "../compute/public-model.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import type { Eip712Domain } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { PublicReceipt } from "../models/public-receipt.ts";
import type { AnswerInputs } from "./answer-inputs.ts";
import type { PublicRequest } from "./public-protocol.ts";
import type { SignedJournal } from "./signed-journal.ts";

/** Which model: its program and its weights. */
export type PublicModelName = Pick<PublicModel, "programRoot" | "weightsRoot">;

/** What public answers are made from. */
export interface PublicAnswersOptions {
  readonly models: readonly PublicModel[];
  readonly journal: SignedJournal;
  /** Keeps what answers were made from. */
  readonly inputs: AnswerInputs;
  readonly operator: Hex;
  /** What claims are signed for. */
  readonly domain: Eip712Domain;
}

/**
 * Answers anyone from the models that its operator serves, and signs the claim of each answer. What an answer was made from is on disk before
 * it is signed: whoever doubts it has to be answered.
 */
export class PublicAnswers {
  readonly #options: PublicAnswersOptions;

  constructor(options: PublicAnswersOptions) {
    this.#options = options;
  }

  /** The models that are served. */
  names(): PublicModelName[] {
    return this.#options.models.map(({ programRoot, weightsRoot }) => ({ programRoot, weightsRoot }));
  }

  /**
   * Answers one query.
   * @throws GlassboxError `WORKER_MODEL_UNKNOWN`, `COMPUTE_INPUT_MISMATCH`, `WORKER_ANSWER_CONFLICT`; none of them leaves anything signed.
   */
  async answer({ programRoot, weightsRoot, query }: PublicRequest): Promise<PublicReceipt> {
    const { models, journal, inputs, operator, domain } = this.#options;
    const model = models.find((one) => isNamed(one, { programRoot, weightsRoot }));
    ensureInput(
      model !== undefined,
      "WORKER_MODEL_UNKNOWN",
      `no model of program ${programRoot} and weights ${weightsRoot} is served here`,
    );
    const answered = model.answer(query);
    const asked = queryFile(query);
    await inputs.keep([
      [model.programRoot, model.program],
      [model.weightsRoot, model.weights],
      [fileRoot(asked), asked],
    ]);
    const signature = await journal.signAnswer(domain, answerClaim(answered));
    const { chainId, verifyingContract: jobRegistry } = domain;
    return { chainId: BigInt(chainId), jobRegistry, operator, ...answered, signature };
  }
}

function isNamed(model: PublicModelName, { programRoot, weightsRoot }: PublicModelName): boolean {
  return (
    model.programRoot.toLowerCase() === programRoot.toLowerCase() &&
    model.weightsRoot.toLowerCase() === weightsRoot.toLowerCase()
  );
}
