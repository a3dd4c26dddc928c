import { type CircuitInstance, circuitInstance, circuitInstances } from "../proofs/circuit-library.ts";
import { inferenceNetwork } from "./inference-network.ts";
import { programRoot } from "./program-file.ts";
import type { Program } from "./program.ts";
import { provableRegression } from "./networks/provable-regression.ts";

/**
 * The circuit that takes the weights of a program as committed: of its whole training if there is one, else of its inference.
 * @throws GlassboxError `COMPUTE_NO_CIRCUIT`, `PROOFS_CIRCUIT_UNKNOWN`
 */
export function committedCircuit(program: Program, weights: Uint8Array): CircuitInstance {
  const root = programRoot(program);
  const training = circuitInstances().find(
    (instance) =>
      instance.template === "SoftmaxTraining" && programRoot(provableRegression(instance.parameters)) === root,
  );
  return training ?? circuitInstance("CommittedMlp", inferenceNetwork(program, weights).shapes);
}
