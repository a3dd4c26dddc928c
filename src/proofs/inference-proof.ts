import { ensureInput, ensureInvariant } from "../core/errors.ts";
import type { InferenceArtefacts } from "./inference-key.ts";
import { inputHash } from "./input-hash.ts";
import { proveWitness } from "./prover.ts";
import type { ProofWords } from "./verifying-key.ts";

/** A proven answer. */
export interface InferenceProof {
  /** Index of the class. */
  readonly answer: number;
  readonly inputHash: bigint;
  readonly proof: ProofWords;
  /** [answer, inputHash], as the verifier contract takes them. */
  readonly publicInputs: readonly bigint[];
}

/**
 * Answers one input and proves the answer, in about a second once warm.
 * @throws GlassboxError `PROOFS_INPUT_LENGTH`; `signal.reason` on abort
 */
export async function proveInference(options: {
  readonly artefacts: InferenceArtefacts;
  readonly pixels: Uint8Array;
  readonly signal?: AbortSignal;
}): Promise<InferenceProof> {
  const { artefacts, pixels, signal } = options;
  const { inputs } = artefacts;
  const message = `an input has ${inputs} pixels, got ${pixels.length}`;
  ensureInput(pixels.length === inputs, "PROOFS_INPUT_LENGTH", message, {
    details: { expected: inputs, actual: pixels.length },
  });

  const { proof, publicInputs } = await proveWitness(artefacts, { pixels: Array.from(pixels, BigInt) }, signal);
  const [answer, hash] = publicInputs;
  ensureInvariant(
    hash === inputHash(pixels),
    "PROOFS_HASH_MISMATCH",
    "circuit and TypeScript hash the input differently",
  );
  return { answer: Number(answer), inputHash: hash, proof, publicInputs };
}
