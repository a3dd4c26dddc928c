import { type MemoryFile, groth16, wtns } from "snarkjs";

import { GlassboxError } from "../core/errors.ts";
import { type ProofWords, fromSnarkjsProof } from "./verifying-key.ts";

/** A proof and what it proves. */
export interface ProofResult {
  readonly proof: ProofWords;
  readonly publicInputs: readonly bigint[];
}

/**
 * Computes the witness and proves it.
 * @throws GlassboxError `PROOFS_WITNESS_INVALID` if the circuit refuses the inputs
 */
export async function prove(
  wasmPath: string,
  zkeyPath: string,
  inputs: Readonly<Record<string, readonly bigint[]>>,
): Promise<ProofResult> {
  const witness: MemoryFile = { type: "mem" };
  try {
    // The circuit brings its own memory; by default the runtime reserves 2 GB that it never touches.
    await wtns.calculate(inputs, wasmPath, witness, { memorySize: 1 });
  } catch (cause) {
    throw new GlassboxError("usage", "PROOFS_WITNESS_INVALID", "the circuit refuses these inputs", {
      details: { reason: cause instanceof Error ? cause.message.trim() : String(cause) },
      cause,
    });
  }
  const { proof, publicSignals } = await groth16.prove(zkeyPath, witness);
  return { proof: fromSnarkjsProof(proof), publicInputs: publicSignals.map(BigInt) };
}
