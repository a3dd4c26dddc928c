import { denseNetwork } from "../../src/compute/networks/dense-network.ts";
import { encodeProgram } from "../../src/compute/program-file.ts";
import { encodeWeights } from "../../src/compute/weights.ts";

/** A model of three inputs that says which of its first two is the greater one. */
export function tinyModel(): { program: Uint8Array; weights: Uint8Array } {
  const program = denseNetwork({ inputs: 3, hidden: [], last: { units: 2, weightClamp: 1, biasClamp: 1 } });
  const weights = encodeWeights(program, [Int16Array.of(1, 0, 0, 0, 1, 0), Int32Array.of(0, 0)]);
  return { program: encodeProgram(program), weights };
}
