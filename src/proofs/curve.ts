import { type Curve, buildBn128 } from "ffjavascript";

let curve: Promise<Curve> | undefined;

/** BN254 on one thread, made once: each further thread takes some 100 MB. */
export function proofCurve(): Promise<Curve> {
  curve ??= buildBn128(true);
  return curve;
}
