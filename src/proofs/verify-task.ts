import type { Curve, Point } from "ffjavascript";

import { element } from "./binary-writer.ts";
import { proofCurve } from "./curve.ts";
import { COORDINATE_MODULUS, FIELD_ORDER } from "./field.ts";
import type { G1Words, G2Words, ProofWords, VerifyingKey } from "./verifying-key.ts";

/**
 * True exactly if the contract would accept: e(A, B) = e(alpha, beta) e(ic0 + sum inputs[i] ic[i + 1], gamma) e(C, delta), coordinates and public inputs
 * are canonical, and every point lies in its group.
 */
export async function verify(key: VerifyingKey, proof: ProofWords, publicInputs: readonly bigint[]): Promise<boolean> {
  if (publicInputs.length !== key.ic.length - 1) return false;
  if (!publicInputs.every((value) => value >= 0n && value < FIELD_ORDER)) return false;
  if (!proof.every((word) => word >= 0n && word < COORDINATE_MODULUS)) return false;
  const curve = await proofCurve();
  const { G1 } = curve;
  const [ax, ay, bxi, bxr, byi, byr, cx, cy] = proof;
  const [a, c] = [g1(curve, [ax, ay]), g1(curve, [cx, cy])];
  const b = g2(curve, [bxi, bxr, byi, byr]);
  if (!G1.isValid(a) || !G1.isValid(c) || !inSubgroup(curve, b)) return false;
  const sum = publicInputs.reduce(
    (total, input, i) => G1.add(total, G1.timesScalar(g1(curve, key.ic[i + 1] as G1Words), element(input))),
    g1(curve, key.ic[0] as G1Words),
  );
  return curve.pairingEq(
    ...[G1.neg(a), b],
    ...[g1(curve, key.alpha1), g2(curve, key.beta2)],
    ...[sum, g2(curve, key.gamma2)],
    ...[c, g2(curve, key.delta2)],
  );
}

/** Words of 0 are the point at infinity, as for the EVM. */
function g1({ G1 }: Curve, [x, y]: G1Words): Point {
  return x === 0n && y === 0n ? G1.zero : G1.fromObject([x, y]);
}

function g2({ G2 }: Curve, [xi, xr, yi, yr]: G2Words): Point {
  if ([xi, xr, yi, yr].every((word) => word === 0n)) return G2.zero;
  return G2.fromObject([
    [xr, xi],
    [yr, yi],
  ]);
}

function inSubgroup({ G2 }: Curve, point: Point): boolean {
  return G2.isValid(point) && G2.isZero(G2.timesScalar(point, element(FIELD_ORDER)));
}
