import type { G1 as SnarkjsG1, G2 as SnarkjsG2, Groth16Proof, Groth16VerifyingKey } from "snarkjs";

import { ensureInput } from "../core/errors.ts";

/** Affine coordinates (x, y). */
export type G1Words = [bigint, bigint];

/** Affine coordinates with the imaginary part first, as EIP-197's precompile reads them: (x.i, x.r, y.i, y.r). */
export type G2Words = [bigint, bigint, bigint, bigint];

/** A Groth16 verifying key, shaped like the struct of `contracts/libraries/Groth16Lib.sol`. */
export interface VerifyingKey {
  readonly alpha1: G1Words;
  readonly beta2: G2Words;
  readonly gamma2: G2Words;
  readonly delta2: G2Words;
  /** One point more than there are public inputs. */
  readonly ic: G1Words[];
}

/** A, B, C as eight words in the same order. */
export type ProofWords = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** True if the key comes from a set-up without contributions, whose trapdoor is known or guessable: gamma equals delta. */
export function isDevelopmentKey({ gamma2, delta2 }: VerifyingKey): boolean {
  return gamma2.every((word, i) => word === delta2[i]);
}

export function fromSnarkjsKey(key: Groth16VerifyingKey): VerifyingKey {
  return {
    alpha1: g1Words(key.vk_alpha_1),
    beta2: g2Words(key.vk_beta_2),
    gamma2: g2Words(key.vk_gamma_2),
    delta2: g2Words(key.vk_delta_2),
    ic: key.IC.map(g1Words),
  };
}

export function toSnarkjsKey(key: VerifyingKey): Groth16VerifyingKey {
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: key.ic.length - 1,
    vk_alpha_1: g1Strings(key.alpha1),
    vk_beta_2: g2Strings(key.beta2),
    vk_gamma_2: g2Strings(key.gamma2),
    vk_delta_2: g2Strings(key.delta2),
    IC: key.ic.map(g1Strings),
  };
}

export function toSnarkjsProof([ax, ay, bxi, bxr, byi, byr, cx, cy]: ProofWords): Groth16Proof {
  return {
    protocol: "groth16",
    curve: "bn128",
    pi_a: g1Strings([ax, ay]),
    pi_b: g2Strings([bxi, bxr, byi, byr]),
    pi_c: g1Strings([cx, cy]),
  };
}

/**
 * Eight words from anywhere.
 * @throws GlassboxError `PROOFS_PROOF_LENGTH`
 */
export function asProofWords(words: readonly bigint[]): ProofWords {
  ensureInput(words.length === 8, "PROOFS_PROOF_LENGTH", `a proof has 8 words, got ${words.length}`);
  return words as ProofWords;
}

function g1Words([x, y]: SnarkjsG1): G1Words {
  return [BigInt(x), BigInt(y)];
}

function g2Words([[xr, xi], [yr, yi]]: SnarkjsG2): G2Words {
  return [BigInt(xi), BigInt(xr), BigInt(yi), BigInt(yr)];
}

function g1Strings([x, y]: G1Words): SnarkjsG1 {
  return [x.toString(), y.toString(), "1"];
}

function g2Strings([xi, xr, yi, yr]: G2Words): SnarkjsG2 {
  return [
    [xr.toString(), xi.toString()],
    [yr.toString(), yi.toString()],
    ["1", "0"],
  ];
}

/** A key as `VerifierRegistry` keeps it: the words of alpha, beta, gamma, delta and every ic. */
export function encodeVerifyingKey(key: VerifyingKey): Uint8Array {
  const words = [key.alpha1, key.beta2, key.gamma2, key.delta2, ...key.ic].flat();
  return Buffer.from(words.map((word) => word.toString(16).padStart(64, "0")).join(""), "hex");
}
