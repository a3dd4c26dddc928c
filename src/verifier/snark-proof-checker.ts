import { ensureCheck } from "../core/errors.ts";
import { committedCircuit } from "../compute/committed-circuit.ts";
import { inferenceNetwork } from "../compute/inference-network.ts";
import { buildInstanceKey } from "../proofs/circuit-key.ts";
import { circuitId, circuitInstances } from "../proofs/circuit-library.ts";
import { buildInferenceKey } from "../proofs/inference-key.ts";
import { poseidonTwin } from "../proofs/poseidon-twin.ts";
import { verifyProof } from "../proofs/prover.ts";
import { encodeVerifyingKey, type G1Words, type G2Words, type VerifyingKey } from "../proofs/verifying-key.ts";

import type { CommittedModelKey, ModelKey, ProofChecker } from "./proof-checker.ts";

const WORD_BYTES = 32;
/** Words before the ic points: alpha 2, beta, gamma and delta 4 each. */
const FIXED_WORDS = 14;

/**
 * Checks keys and proofs with the project's own circuits.
 * @param cacheDir where compiled circuits are kept; the user's cache folder by default. An entry is named by the hash of all that decides it.
 */
export function snarkProofChecker(cacheDir?: string): ProofChecker {
  const options = (signal: AbortSignal | undefined) => ({ ...(cacheDir && { cacheDir }), ...(signal && { signal }) });
  return {
    async bakeKey(program, weights, signal) {
      const network = inferenceNetwork(program, weights);
      const key = await buildInferenceKey({ ...network, ...options(signal) });
      return { circuitId: key.circuitId, encodedKey: encodeVerifyingKey(key.verifyingKey) } satisfies ModelKey;
    },
    async committedKey(program, weights, signal) {
      const instance = committedCircuit(program, weights);
      const key = await buildInstanceKey(instance, options(signal));
      const encodedKey = encodeVerifyingKey(key.verifyingKey);
      const weightsTwin = poseidonTwin(weights);
      return { circuitId: key.circuitId, encodedKey, weightsTwin } satisfies CommittedModelKey;
    },
    isTraining: (id) =>
      circuitInstances().some(
        ({ template, parameters }) => template === "SoftmaxTraining" && circuitId(template, parameters) === id,
      ),
    verify: (encodedKey, proof, publicInputs) =>
      verifyProof({ verifyingKey: decodeVerifyingKey(encodedKey), proof, publicInputs }),
  };
}

/**
 * Reads a key as `VerifierRegistry` keeps it.
 * @throws GlassboxError `VERIFIER_KEY_LENGTH` for a length that no key has.
 */
export function decodeVerifyingKey(encoded: Uint8Array): VerifyingKey {
  const count = encoded.length / WORD_BYTES;
  ensureCheck(
    Number.isInteger(count) && count >= FIXED_WORDS + 2 && count % 2 === 0,
    "VERIFIER_KEY_LENGTH",
    `no key has ${encoded.length} bytes`,
  );
  const words = Array.from({ length: count }, (_, i) =>
    BigInt(`0x${Buffer.from(encoded.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES)).toString("hex")}`),
  );
  const ic = Array.from({ length: (count - FIXED_WORDS) / 2 }, (_, i) => {
    const at = FIXED_WORDS + 2 * i;
    return words.slice(at, at + 2) as unknown as G1Words;
  });
  return {
    alpha1: words.slice(0, 2) as unknown as G1Words,
    beta2: words.slice(2, 6) as unknown as G2Words,
    gamma2: words.slice(6, 10) as unknown as G2Words,
    delta2: words.slice(10, 14) as unknown as G2Words,
    ic,
  };
}
