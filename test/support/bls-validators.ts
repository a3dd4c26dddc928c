import { utf8ToBytes } from "@noble/hashes/utils.js";

import { aggregateSignatures, blsKeyFromSeed, blsPublicKey, signVote } from "../../src/crypto/bls.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import type { Certificate } from "../../src/staking/certificate.ts";
import type { TableRow } from "../../src/staking/table.ts";

/** A validator's BLS keys. */
export interface BlsValidator {
  readonly secretKey: Uint8Array;
  readonly key: Uint8Array;
}

/** Validators with fixed keys. */
export function blsValidators(count: number): BlsValidator[] {
  return Array.from({ length: count }, (_, i) => {
    const secretKey = blsKeyFromSeed(keccak256(utf8ToBytes(`validator ${i}`)));
    return { secretKey, key: blsPublicKey(secretKey) };
  });
}

/** Their table: row i weighs 100 + i. */
export function rowsOf(validators: readonly BlsValidator[]): TableRow[] {
  return validators.map(({ key }, i) => ({ key, weight: 100n + BigInt(i) }));
}

/** The certificate of all validators but the absentees, whether or not they are a quorum. */
export function certify(
  validators: readonly BlsValidator[],
  digest: Uint8Array,
  absentees: readonly number[] = [],
): Certificate {
  const signatures = validators.flatMap(({ secretKey }, row) =>
    absentees.includes(row) ? [] : [signVote(digest, secretKey)],
  );
  const bits = absentees.reduce((sum, row) => sum | (1n << BigInt(row)), 0n);
  return { signature: aggregateSignatures(signatures), absentees: bits };
}
