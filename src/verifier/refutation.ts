import { createInference } from "../compute/inference.ts";
import { loadProgram } from "../compute/validate.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { Receipt } from "../models/receipt.ts";
import { inputHash } from "../proofs/input-hash.ts";
import { asProofWords, type ProofWords } from "../proofs/verifying-key.ts";

import type { AnswerFacts, KeyFacts } from "./ports.ts";

/** What shows that a key proves wrong answers. */
export interface Refutation {
  readonly circuitId: Hex;
  /** What the model answers. */
  readonly answer: number;
  /** As `VerifierRegistry.refute` takes it. */
  readonly wrong: {
    readonly proof: ProofWords;
    readonly answer: bigint;
    readonly input: Uint8Array;
    readonly weights: Uint8Array;
  };
}

/** A model's files, an input, and what the chain says of the version's keys and answers. */
export interface RefutationInputs {
  readonly model: { readonly program: Uint8Array; readonly weights: Uint8Array };
  readonly input: Uint8Array;
  readonly keys: readonly KeyFacts[];
  readonly answers: readonly AnswerFacts[];
}

/**
 * Looks for a settled answer to this input that the model does not give, under a key that still stands.
 * @throws GlassboxError `VERIFIER_NOTHING_TO_REFUTE`, and what opening the model throws
 */
export function findRefutation({ model, input, keys, answers }: RefutationInputs): Refutation {
  const { answer } = createInference(loadProgram(model.program), model.weights)(input);
  const hash = inputHash(input);
  const standing = new Set(keys.filter(({ refuted }) => !refuted).map(({ circuitId }) => circuitId));
  const isWrong = (receipt: Receipt): boolean =>
    receipt.inputHash === hash && receipt.answer !== BigInt(answer) && standing.has(receipt.circuitId);
  const found = answers.flatMap(({ receipt }) => (receipt && isWrong(receipt) ? [receipt] : []))[0];
  ensureCheck(
    found !== undefined,
    "VERIFIER_NOTHING_TO_REFUTE",
    `the model answers ${answer}, and no answer that was settled for this input differs under a key that stands`,
  );
  const { circuitId, proof } = found;
  return {
    circuitId,
    answer,
    wrong: { proof: asProofWords(proof), answer: found.answer, input, weights: model.weights },
  };
}
