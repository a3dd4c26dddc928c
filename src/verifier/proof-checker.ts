import type { Program } from "../compute/program.ts";
import type { Hex } from "../core/bytes.ts";

/** A verifying key with the circuit it belongs to. */
export interface ModelKey {
  readonly circuitId: Hex;
  /** The words of alpha, beta, gamma, delta and every ic, as `VerifierRegistry` keeps them. */
  readonly encodedKey: Uint8Array;
}

/** A key that all models of an architecture share, and what it binds to one of them. */
export interface CommittedModelKey extends ModelKey {
  readonly weightsTwin: bigint;
}

/** What the verifier needs to know of snarks. */
export interface ProofChecker {
  /** Compiles the inference circuit of a program with these weights in it and repeats the development set-up. */
  bakeKey(program: Program, weights: Uint8Array, signal?: AbortSignal): Promise<ModelKey>;
  /** Compiles the circuit that takes the program's weights as committed, repeats the development set-up, and computes the twin of the weights' file. */
  committedKey(program: Program, weights: Uint8Array, signal?: AbortSignal): Promise<CommittedModelKey>;
  /** Whether the circuit proves a training run, and no answers. */
  isTraining(circuitId: Hex): boolean;
  /** True exactly if the contract would accept the proof. */
  verify(encodedKey: Uint8Array, proof: readonly bigint[], publicInputs: readonly bigint[]): Promise<boolean>;
}
