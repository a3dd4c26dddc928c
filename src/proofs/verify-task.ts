import { type Curve, buildBn128 } from "ffjavascript";
import { groth16 } from "snarkjs";

import { element } from "./binary-writer.ts";
import { COORDINATE_MODULUS, FIELD_ORDER } from "./field.ts";
import { type ProofWords, type VerifyingKey, toSnarkjsKey, toSnarkjsProof } from "./verifying-key.ts";

/**
 * True exactly if the contract would accept: besides the pairing, coordinates and public inputs must be canonical and B must lie in the
 * right subgroup, which the EVM's precompiles check and snarkjs does not.
 */
export async function verify(key: VerifyingKey, proof: ProofWords, publicInputs: readonly bigint[]): Promise<boolean> {
  if (publicInputs.length !== key.ic.length - 1) return false;
  if (!publicInputs.every((value) => value >= 0n && value < FIELD_ORDER)) return false;
  if (!proof.every((word) => word >= 0n && word < COORDINATE_MODULUS)) return false;
  const snarkjsProof = toSnarkjsProof(proof);
  if (!inSubgroup(await buildBn128(), proof)) return false;
  return groth16.verify(toSnarkjsKey(key), publicInputs.map(String), snarkjsProof);
}

function inSubgroup({ G2 }: Curve, [, , xi, xr, yi, yr]: ProofWords): boolean {
  const point = G2.fromObject([
    [xr, xi],
    [yr, yi],
  ]);
  return G2.isValid(point) && G2.isZero(G2.timesScalar(point, element(FIELD_ORDER)));
}
