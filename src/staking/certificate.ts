import { ensureCheck, ensureInput } from "../core/errors.ts";
import { aggregateKeys, aggregateSignatures, verifyVote } from "../crypto/bls.ts";

import { type TableRow, totalWeight } from "./table.ts";

/** The word of more than two thirds of a table's weight; contracts/libraries/QuorumLib.sol. */
export interface Certificate {
  /** The sum of the signers' signatures, 256 bytes. */
  readonly signature: Uint8Array;
  /** Bit i is 1 if row i did not sign. */
  readonly absentees: bigint;
}

/** Collects the votes of a table's validators for one digest until they make a certificate. */
export class VoteCollector {
  readonly #rows: readonly TableRow[];
  readonly #digest: Uint8Array;
  readonly #signatures = new Map<number, Uint8Array>();

  constructor(rows: readonly TableRow[], digest: Uint8Array) {
    this.#rows = rows;
    this.#digest = digest;
  }

  /** The weight that has signed. */
  get signedWeight(): bigint {
    return totalWeight([...this.#signatures.keys()].flatMap((row) => this.#rows[row] ?? []));
  }

  /** Whether the votes so far make a certificate. */
  get isQuorum(): boolean {
    return isQuorum(this.signedWeight, totalWeight(this.#rows));
  }

  /**
   * Takes the vote of a row, again without effect.
   * @throws GlassboxError `STAKING_ROW_UNKNOWN`, and `STAKING_VOTE_INVALID` for a signature that is not the row's: one of them would spoil
   * the sum.
   */
  add(row: number, signature: Uint8Array): void {
    const validator = this.#rows[row];
    ensureInput(validator !== undefined, "STAKING_ROW_UNKNOWN", `the table has ${this.#rows.length} rows, not ${row}`);
    if (this.#signatures.has(row)) return;
    const isVote = verifyVote(validator.key, this.#digest, signature);
    ensureCheck(isVote, "STAKING_VOTE_INVALID", `row ${row} did not sign this`);
    this.#signatures.set(row, signature);
  }

  /**
   * The certificate of all votes so far.
   * @throws GlassboxError `STAKING_QUORUM_MISSED` without more than two thirds of the weight.
   */
  certificate(): Certificate {
    const { signedWeight } = this;
    const total = totalWeight(this.#rows);
    ensureCheck(isQuorum(signedWeight, total), "STAKING_QUORUM_MISSED", `${signedWeight} of ${total} signed`);
    let absentees = (1n << BigInt(this.#rows.length)) - 1n;
    for (const row of this.#signatures.keys()) absentees ^= 1n << BigInt(row);
    return { signature: aggregateSignatures([...this.#signatures.values()]), absentees };
  }
}

/**
 * Checks a certificate as the contracts do.
 * @returns the rows that signed, rising
 * @throws GlassboxError `STAKING_BITS_BEYOND_TABLE`, `STAKING_QUORUM_MISSED`, `STAKING_CERTIFICATE_INVALID`.
 */
export function verifyCertificate(rows: readonly TableRow[], digest: Uint8Array, certificate: Certificate): number[] {
  const { absentees, signature } = certificate;
  const isWithin = absentees >= 0n && absentees >> BigInt(rows.length) === 0n;
  ensureCheck(isWithin, "STAKING_BITS_BEYOND_TABLE", `a table of ${rows.length} rows has no bits ${absentees}`);
  const signers = rows.flatMap((_, i) => ((absentees >> BigInt(i)) & 1n ? [] : [i]));
  const signing = signers.flatMap((i) => rows[i] ?? []);
  const [signed, total] = [totalWeight(signing), totalWeight(rows)];
  ensureCheck(isQuorum(signed, total), "STAKING_QUORUM_MISSED", `${signed} of ${total} signed`);
  const isSigned = verifyVote(aggregateKeys(signing.map(({ key }) => key)), digest, signature);
  ensureCheck(isSigned, "STAKING_CERTIFICATE_INVALID", "the signature is not that of the signers");
  return signers;
}

function isQuorum(signed: bigint, total: bigint): boolean {
  return 3n * signed > 2n * total;
}
