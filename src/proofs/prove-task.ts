import { proofCurve } from "./curve.ts";
import { proveGroth16 } from "./groth16-prover.ts";
import { type ProvingKey, readProvingKey } from "./proving-key.ts";
import type { ProofWords } from "./verifying-key.ts";
import { WitnessProgram } from "./witness-program.ts";

/** A proof and what it proves. */
export interface ProofResult {
  readonly proof: ProofWords;
  readonly publicInputs: readonly bigint[];
}

interface LoadedCircuit {
  readonly wasmPath: string;
  readonly zkeyPath: string;
  readonly program: WitnessProgram;
  readonly key: ProvingKey;
}

/** The circuit of the last proof, since the next one is most often of the same. */
let loaded: LoadedCircuit | undefined;

/**
 * Computes the witness and proves it.
 * @throws GlassboxError `PROOFS_WITNESS_INVALID` if the circuit refuses the inputs, `PROOFS_ZKEY_INVALID`
 */
export async function prove(
  wasmPath: string,
  zkeyPath: string,
  inputs: Readonly<Record<string, readonly bigint[]>>,
): Promise<ProofResult> {
  if (loaded?.wasmPath !== wasmPath || loaded.zkeyPath !== zkeyPath) {
    const [program, key] = await Promise.all([WitnessProgram.load(wasmPath), readProvingKey(zkeyPath)]);
    loaded = { wasmPath, zkeyPath, program, key };
  }
  const { program, key } = loaded;
  const witness = program.run(inputs);
  const proof = await proveGroth16(key, await proofCurve(), witness);
  return { proof, publicInputs: witness.slice(1, 1 + key.publicCount) };
}
