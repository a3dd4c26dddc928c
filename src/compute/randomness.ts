import { ensureInput } from "../core/errors.ts";
import { keccak256 } from "../crypto/keccak.ts";

/** Elements that one hash gives: four bytes each. */
export const INIT_ELEMENTS_PER_HASH = 8;

/** Samples a dataset may have, so that products in the shuffle are exact in doubles. */
export const MAX_SAMPLES = 2 ** 26;

/** keccak256(seed, stream, block): the random bytes of eight elements of an `init`. */
export function initHash(seed: Uint8Array, stream: number, block: number): Uint8Array<ArrayBuffer> {
  const preimage = new Uint8Array(96);
  preimage.set(seed);
  const view = new DataView(preimage.buffer);
  view.setBigUint64(56, BigInt(stream));
  view.setBigUint64(88, BigInt(block));
  return new Uint8Array(keccak256(preimage));
}

/** A permutation of 0..samples-1 with random access: i goes to (factor * i + offset) mod samples. */
export interface Shuffle {
  readonly factor: number;
  readonly offset: number;
}

/**
 * The shuffle of one epoch. The factor is the first one from keccak(seed, epoch) on that has no divisor in common with `samples`.
 * @throws GlassboxError `COMPUTE_SAMPLES_RANGE` for no samples or more than 2^26.
 */
export function epochShuffle(seed: Uint8Array, epoch: number, samples: number): Shuffle {
  ensureInput(
    Number.isInteger(samples) && samples >= 1 && samples <= MAX_SAMPLES,
    "COMPUTE_SAMPLES_RANGE",
    `a dataset has 1 to ${MAX_SAMPLES} samples, got ${samples}`,
  );
  const preimage = new Uint8Array(64);
  preimage.set(seed);
  new DataView(preimage.buffer).setBigUint64(56, BigInt(epoch));
  const hash = keccak256(preimage);
  const words = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  let factor = Number(words.getBigUint64(0) % BigInt(samples));
  while (greatestCommonDivisor(factor, samples) !== 1) factor = (factor + 1) % samples;
  return { factor, offset: Number(words.getBigUint64(8) % BigInt(samples)) };
}

/** The sample at a place of the job's endless sequence: epoch after epoch, each in its own order. */
export function sampleAt(seed: Uint8Array, position: number, samples: number): number {
  const shuffle = epochShuffle(seed, Math.floor(position / samples), samples);
  return shuffled(shuffle, position % samples, samples);
}

/** Where the shuffle sends `index`. */
export function shuffled(shuffle: Shuffle, index: number, samples: number): number {
  return (shuffle.factor * index + shuffle.offset) % samples;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
