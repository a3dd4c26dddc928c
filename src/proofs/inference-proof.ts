import { ensureInput, ensureInvariant } from "../core/errors.ts";
import type { Artefacts } from "./artefact-cache.ts";
import { inputHash } from "./input-hash.ts";
import { ProofProcess } from "./proof-process.ts";
import { type ProofWords, type VerifyingKey, asProofWords } from "./verifying-key.ts";

/** A proven answer. */
export interface InferenceProof {
  /** Index of the class. */
  readonly answer: number;
  readonly inputHash: bigint;
  readonly proof: ProofWords;
  /** [answer, inputHash], as the verifier contract takes them. */
  readonly publicInputs: readonly bigint[];
}

/** Shared by all calls, so that the curve stays warm; it holds no state but that. */
const shared = new ProofProcess();

/**
 * Answers one input and proves the answer, in about a second once warm. The caller's process can end without further ado.
 * @throws GlassboxError `PROOFS_INPUT_LENGTH`; `signal.reason` on abort
 */
export async function proveInference(options: {
  readonly artefacts: Artefacts;
  readonly pixels: Uint8Array;
  readonly signal?: AbortSignal;
}): Promise<InferenceProof> {
  const { artefacts, pixels, signal } = options;
  const { inputs, wasmPath, zkeyPath } = artefacts;
  const message = `an input has ${inputs} pixels, got ${pixels.length}`;
  ensureInput(pixels.length === inputs, "PROOFS_INPUT_LENGTH", message, {
    details: { expected: inputs, actual: pixels.length },
  });

  const signals = { pixels: Array.from(pixels, BigInt) };
  const { proof, publicInputs } = await shared.call("prove", [wasmPath, zkeyPath, signals], signal);
  const [answer, hash] = publicInputs;
  ensureInvariant(
    hash === inputHash(pixels),
    "PROOFS_HASH_MISMATCH",
    "circuit and TypeScript hash the input differently",
  );
  return { answer: Number(answer), inputHash: hash, proof, publicInputs };
}

/**
 * True exactly if the verifier contract would accept the proof. Never throws for values, only for a proof of another length.
 * @throws GlassboxError `PROOFS_PROOF_LENGTH`; `signal.reason` on abort
 */
export async function verifyInference(options: {
  readonly verifyingKey: VerifyingKey;
  readonly proof: readonly bigint[];
  readonly publicInputs: readonly bigint[];
  readonly signal?: AbortSignal;
}): Promise<boolean> {
  const { verifyingKey, proof, publicInputs, signal } = options;
  return shared.call("verify", [verifyingKey, asProofWords(proof), publicInputs], signal);
}

/** Frees the memory of the prover (some 300 MB) until the next call. */
export function closeProver(): void {
  shared.close();
}
