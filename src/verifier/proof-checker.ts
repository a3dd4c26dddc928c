import type { Program } from "../compute/program.ts";
import type { Hex } from "../core/bytes.ts";

/** A verifying key with the circuit it belongs to. */
export interface ModelKey {
  readonly circuitId: Hex;
  /** The words of alpha, beta, gamma, delta and every ic, as `VerifierRegistry` keeps them. */
  readonly encodedKey: Uint8Array;
}

/** What the verifier needs to know of snarks. */
export interface ProofChecker {
  /** Compiles the inference circuit of a program with these weights in it and repeats the development set-up. */
  bakeKey(program: Program, weights: Uint8Array, signal?: AbortSignal): Promise<ModelKey>;
  /** True exactly if the contract would accept the proof. */
  verify(encodedKey: Uint8Array, proof: readonly bigint[], publicInputs: readonly bigint[]): Promise<boolean>;
}
