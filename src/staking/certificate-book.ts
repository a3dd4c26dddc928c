import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";

import { type Certificate, verifyCertificate } from "./certificate.ts";
import { ensureVoteOpen, isClosed, type ServiceTerms } from "./service-home.ts";
import type { TableRow } from "./table.ts";
import { positionHash, type Vote, voteDigest } from "./vote.ts";

/** Positions that a book holds: only a quorum of the service can fill it. */
const MAX_CERTIFICATES = 100_000;

const PAYLOAD_BYTES = 32;
const ABSENTEES_BYTES = 32;

/** Two certificates for one position, as `EquivocationVerifier.recordConflict` takes them. */
export interface CertificateConflict {
  readonly vote: Vote;
  readonly otherPayload: Hex;
  readonly certificate: Certificate;
  readonly otherCertificate: Certificate;
  /** Rows of the epoch's table that signed both, rising. */
  readonly rows: readonly number[];
}

/** Keeps one certificate for each position of a service, and shows a conflict as soon as a second one comes. */
export class CertificateBook {
  readonly #terms: ServiceTerms;
  readonly #store: KeyValueStore;
  readonly #rowsOf: (epoch: bigint) => Promise<readonly TableRow[]>;
  #size: number;
  #tail: Promise<unknown> = Promise.resolve();

  /** @param parts.rowsOf the home table of an epoch */
  constructor(parts: {
    readonly terms: ServiceTerms;
    readonly store: KeyValueStore;
    readonly rowsOf: (epoch: bigint) => Promise<readonly TableRow[]>;
  }) {
    this.#terms = parts.terms;
    this.#store = parts.store;
    this.#rowsOf = parts.rowsOf;
    this.#size = this.#store.keys(this.#prefix()).length;
  }

  /**
   * Takes a certificate.
   * @param now the home chain's time in seconds
   * @throws GlassboxError `STAKING_VOTE_SERVICE`, `STAKING_VOTE_FUTURE`, `STAKING_VOTE_CLOSED`, `STAKING_BOOK_FULL`, or why the certificate
   * does not hold by the home table.
   */
  async take(vote: Vote, certificate: Certificate, now: bigint): Promise<CertificateConflict | undefined> {
    ensureVoteOpen(this.#terms, vote, now);
    const rows = await this.#rowsOf(vote.epoch);
    const signers = verifyCertificate(rows, voteDigest(this.#terms.domain, vote), certificate);
    // One after another, so that of two certificates that come together one finds the other.
    const taken = this.#tail.then(() => this.#take(vote, certificate, signers));
    this.#tail = taken.catch(() => undefined);
    return taken;
  }

  async #take(
    vote: Vote,
    certificate: Certificate,
    signers: readonly number[],
  ): Promise<CertificateConflict | undefined> {
    const name = `${this.#prefix()}${vote.epoch.toString().padStart(20, "0")}/${positionHash(vote)}`;
    const known = this.#store.get(name);
    if (!known) {
      ensureInput(this.#size < MAX_CERTIFICATES, "STAKING_BOOK_FULL", `the book holds ${this.#size} certificates`);
      const absentees = fromHex(`0x${certificate.absentees.toString(16).padStart(2 * ABSENTEES_BYTES, "0")}`);
      const value = Buffer.concat([fromHex(vote.payload, PAYLOAD_BYTES), absentees, certificate.signature]);
      await this.#store.commit([{ key: name, value }]);
      this.#size++;
      return undefined;
    }
    const payload = toHex(known.subarray(0, PAYLOAD_BYTES));
    if (payload === vote.payload.toLowerCase()) return undefined;
    const absentees = BigInt(toHex(known.subarray(PAYLOAD_BYTES, PAYLOAD_BYTES + ABSENTEES_BYTES)));
    const first = { absentees, signature: known.slice(PAYLOAD_BYTES + ABSENTEES_BYTES) };
    return {
      vote: { ...vote, payload },
      otherPayload: vote.payload,
      certificate: first,
      otherCertificate: certificate,
      rows: signers.filter((row) => ((absentees >> BigInt(row)) & 1n) === 0n),
    };
  }

  /** Drops the certificates of epochs that no evidence counts for any more. */
  async dropClosed(now: bigint): Promise<void> {
    const prefix = this.#prefix();
    const closed = this.#store
      .keys(prefix)
      .filter((key) => isClosed(this.#terms, BigInt(key.slice(prefix.length).split("/")[0] ?? 0), now));
    if (closed.length === 0) return;
    await this.#store.commit(closed.map((key) => ({ key, value: undefined })));
    this.#size -= closed.length;
  }

  #prefix(): string {
    const { domain, serviceId } = this.#terms;
    return `certificate/${domain.chainId}/${domain.verifyingContract.toLowerCase()}/${serviceId}/`;
  }
}
