import type { Artefacts } from "./artefact-cache.ts";
import type { ProofResult } from "./prove-task.ts";
import { ProofProcess } from "./proof-process.ts";
import { type VerifyingKey, asProofWords } from "./verifying-key.ts";

/** Shared by all calls, so that the curve stays warm; it holds no state but that. */
const shared = new ProofProcess();

/**
 * Computes a circuit's witness from its private inputs and proves it. The caller's process can end without further ado.
 * @throws GlassboxError `PROOFS_WITNESS_INVALID` if the circuit refuses the inputs; `signal.reason` on abort
 */
export function proveWitness(
  { wasmPath, zkeyPath }: Artefacts,
  inputs: Readonly<Record<string, readonly bigint[]>>,
  signal?: AbortSignal,
): Promise<ProofResult> {
  return shared.call("prove", [wasmPath, zkeyPath, inputs], signal);
}

/** A proof to check against a key, as it came from anywhere. */
export interface ProofCheck {
  readonly verifyingKey: VerifyingKey;
  readonly proof: readonly bigint[];
  readonly publicInputs: readonly bigint[];
  readonly signal?: AbortSignal;
}

/**
 * True exactly if the verifier contract would accept the proof. Never throws for values, only for a proof of another length.
 * @throws GlassboxError `PROOFS_PROOF_LENGTH`; `signal.reason` on abort
 */
export async function verifyProof({ verifyingKey, proof, publicInputs, signal }: ProofCheck): Promise<boolean> {
  return shared.call("verify", [verifyingKey, asProofWords(proof), publicInputs], signal);
}

/** Frees the memory of the prover (some 200 MB) until the next call. */
export function closeProver(): void {
  shared.close();
}
