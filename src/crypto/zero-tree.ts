import { LEAF_BYTES } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { hashPair, keccak256 } from "./keccak.ts";

const roots = [keccak256(new Uint8Array(LEAF_BYTES))];

/** Root of a perfect sub-tree of 2^height zero leaves. */
export function zeroRoot(height: number): Uint8Array {
  ensureInput(
    Number.isInteger(height) && height >= 0 && height < 64,
    "CRYPTO_HEIGHT_RANGE",
    `a height is in 0..63, got ${height}`,
  );
  for (let next = roots.length; next <= height; next++) {
    const below = zeroRoot(next - 1);
    roots.push(hashPair(below, below));
  }
  return roots[height] as Uint8Array;
}
