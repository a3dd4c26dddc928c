import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { G1 as SnarkjsG1, G2 as SnarkjsG2, Groth16Proof, Groth16VerifyingKey } from "snarkjs";

import { type Hex, toHex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";

/** Affine coordinates (x, y). */
export type G1Words = [bigint, bigint];

/** Affine coordinates with the imaginary part first, as EIP-197's precompile reads them: (x.i, x.r, y.i, y.r). */
export type G2Words = [bigint, bigint, bigint, bigint];

/** A Groth16 verifying key, shaped like the struct of `contracts/libraries/Groth16Lib.sol`. */
export interface VerifyingKey {
  readonly alpha: G1Words;
  readonly beta: G2Words;
  readonly gamma: G2Words;
  readonly delta: G2Words;
  /** One point more than there are public inputs. */
  readonly ic: G1Words[];
}

/** A, B, C as eight words in the same order. */
export type ProofWords = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** keccak256 of the key's words in order: what `VerifierRegistry` keeps as `keyHash`. */
export function verifyingKeyHash({ alpha, beta, gamma, delta, ic }: VerifyingKey): Hex {
  const words = [...alpha, ...beta, ...gamma, ...delta, ...ic.flat()];
  return toHex(keccak_256(hexToBytes(words.map((word) => word.toString(16).padStart(64, "0")).join(""))));
}

/** True if the key comes from a set-up without contributions, whose trapdoor is known or guessable: gamma equals delta. */
export function isDevelopmentKey({ gamma, delta }: VerifyingKey): boolean {
  return gamma.every((word, i) => word === delta[i]);
}

export function fromSnarkjsKey(key: Groth16VerifyingKey): VerifyingKey {
  return {
    alpha: g1Words(key.vk_alpha_1),
    beta: g2Words(key.vk_beta_2),
    gamma: g2Words(key.vk_gamma_2),
    delta: g2Words(key.vk_delta_2),
    ic: key.IC.map(g1Words),
  };
}

export function toSnarkjsKey(key: VerifyingKey): Groth16VerifyingKey {
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: key.ic.length - 1,
    vk_alpha_1: g1Strings(key.alpha),
    vk_beta_2: g2Strings(key.beta),
    vk_gamma_2: g2Strings(key.gamma),
    vk_delta_2: g2Strings(key.delta),
    IC: key.ic.map(g1Strings),
  };
}

export function fromSnarkjsProof({ pi_a, pi_b, pi_c }: Groth16Proof): ProofWords {
  return [...g1Words(pi_a), ...g2Words(pi_b), ...g1Words(pi_c)];
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
