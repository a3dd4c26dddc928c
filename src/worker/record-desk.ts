import { z } from "zod";

import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { type Hex, toHex } from "../core/bytes.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { hexSchema, uintSchema } from "../core/schemas.ts";
import { BLS_SIGNATURE_BYTES } from "../crypto/bls.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { Certificate } from "../staking/certificate.ts";
import type { CertificateConflict } from "../staking/certificate-book.ts";
import { guiltyRowEvidence } from "../staking/evidence.ts";
import { isClosed, type ServiceHome } from "../staking/service-home.ts";
import { positionHash, type Vote } from "../staking/vote.ts";
import type { Conflict } from "../staking/vote-book.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { EvidenceReporter } from "./evidence-reporter.ts";
import { builtTable } from "./set-relayer.ts";
import { voteSchema, voteToJson } from "./vote-protocol.ts";

/** What no later block changes. */
const FINAL = new Set([
  "EquivocationVerifierNothingNew",
  "EquivocationVerifierTrueHeader",
  "QuorumBitsBeyondTable",
  "QuorumVerifierStaleEpoch",
  "QuorumWeightTooSmall",
  "QuorumWrongSignature",
]);

const certificateSchema = z.strictObject({ signature: hexSchema(BLS_SIGNATURE_BYTES), absentees: uintSchema(256) });

const guilty = z.array(z.strictObject({ row: z.int().nonnegative(), operator: hexSchema(20) }));

const recordSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("conflict"),
    vote: voteSchema,
    guilty,
    certificate: certificateSchema,
    otherPayload: hexSchema(32),
    otherCertificate: certificateSchema,
    isDone: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("header"),
    vote: voteSchema,
    guilty,
    certificate: certificateSchema,
    tableHash: hexSchema(32),
    isDone: z.boolean(),
  }),
]);

type OffenceRecord = z.output<typeof recordSchema>;
type Written = z.input<typeof recordSchema>;

/** A certified header that names another table than the home chain's. */
export interface FalseHeader {
  readonly vote: Vote;
  readonly tableHash: Hex;
  readonly certificate: Certificate;
  /** Rows of the signers' table that signed, rising. */
  readonly rows: readonly number[];
}

/** What a desk works with. */
export interface RecordDeskParts {
  readonly home: ServiceHome;
  readonly sender: TxSender;
  readonly store: KeyValueStore;
  readonly reporter: EvidenceReporter;
  /** The operators of an epoch's rows. */
  readonly operatorsOf: (epoch: bigint) => Promise<readonly Hex[]>;
  readonly logger: Logger;
}

/**
 * Brings offences of whole quorums home. The record that finds their signers guilty shows everybody the evidence, so the reporter commits
 * to each signer's before it is made.
 */
export class RecordDesk {
  readonly #parts: RecordDeskParts;
  readonly #prefix: string;

  constructor(parts: RecordDeskParts) {
    const { domain, serviceId } = parts.home;
    this.#parts = parts;
    this.#prefix = `record/${domain.chainId}/${domain.verifyingContract.toLowerCase()}/${serviceId}/`;
  }

  /** Takes over two certificates for one position. @returns whether they show anybody guilty who was not before */
  async enlistConflict(conflict: CertificateConflict): Promise<boolean> {
    const { vote, otherPayload, certificate, otherCertificate, rows } = conflict;
    return this.#enlist({
      kind: "conflict",
      vote: voteToJson(vote),
      guilty: await this.#guilty(vote.epoch, rows),
      certificate: certificateToJson(certificate),
      otherPayload,
      otherCertificate: certificateToJson(otherCertificate),
      isDone: false,
    });
  }

  /** Takes over a false header; as `enlistConflict`. */
  async enlistHeader({ vote, tableHash, certificate, rows }: FalseHeader): Promise<boolean> {
    return this.#enlist({
      kind: "header",
      vote: voteToJson(vote),
      guilty: await this.#guilty(vote.epoch, rows),
      certificate: certificateToJson(certificate),
      tableHash,
      isDone: false,
    });
  }

  /** Makes every record whose offences are committed to. What the chain refuses for now is tried again next time. */
  async advance(): Promise<void> {
    for (const [key, record] of this.#all()) {
      if (record.isDone) continue;
      try {
        await this.#advance(key, record);
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        const isFinal = FINAL.has(String(error.details["error"]));
        this.#parts.logger.warn({ err: error, kind: record.kind, isFinal }, "a record was not made");
        // It finds nobody guilty then, and stands in no other record's way.
        if (isFinal) await this.#keep(key, { ...record, guilty: [], isDone: true });
      }
    }
  }

  /** Forgets records of epochs that no evidence counts for any more. */
  async dropClosed(now: bigint): Promise<void> {
    const closed = this.#all().filter(([, { vote }]) => isClosed(this.#parts.home, vote.epoch, now));
    await this.#parts.store.commit(closed.map(([key]) => ({ key, value: undefined })));
  }

  async #advance(key: string, record: OffenceRecord): Promise<void> {
    const { home, sender, reporter } = this.#parts;
    const { vote } = record;
    const offences = record.guilty.map(({ row, operator }): Conflict => ({
      operator,
      offenceKey: positionHash(vote),
      epoch: vote.epoch,
      evidence: guiltyRowEvidence(vote, row),
    }));
    await reporter.enlist(offences);
    const known = await readChain(home.equivocation.guiltyRows(positionHash(vote)));
    const isMade = record.guilty.every(({ row }) => (known >> BigInt(row)) & 1n);
    if (isMade) {
      await this.#keep(key, { ...record, isDone: true });
      return;
    }
    if (!(await reporter.areCommitted(offences))) return;
    await builtTable(vote.epoch, { home, homeSender: sender });
    if (record.kind === "header") await builtTable(vote.slot, { home, homeSender: sender });
    await sender.send(
      record.kind === "header"
        ? home.equivocation.recordFalseHeader.populateTransaction(vote, vote.slot, record.tableHash, record.certificate)
        : home.equivocation.recordConflict.populateTransaction(
            vote,
            record.otherPayload,
            record.certificate,
            record.otherCertificate,
          ),
    );
  }

  async #enlist(written: Written): Promise<boolean> {
    const record = recordSchema.parse(written);
    const position = `${this.#prefix}${record.vote.epoch.toString().padStart(20, "0")}/${positionHash(record.vote)}/`;
    const bits = record.guilty.reduce((sum, { row }) => sum | (1n << BigInt(row)), 0n);
    const key = `${position}${record.kind}-${bits.toString(16)}`;
    const known = new Set(this.#all(position).flatMap(([, other]) => other.guilty.map(({ row }) => row)));
    const hasNew = record.guilty.some(({ row }) => !known.has(row));
    if (!hasNew || this.#parts.store.has(key)) return false;
    await this.#keep(key, record);
    this.#parts.logger.warn({ kind: record.kind, signers: record.guilty.length }, "a quorum has offended");
    return true;
  }

  async #guilty(epoch: bigint, rows: readonly number[]) {
    const operators = await this.#parts.operatorsOf(epoch);
    return rows.flatMap((row) => {
      const operator = operators[row];
      return operator === undefined ? [] : [{ row, operator }];
    });
  }

  async #keep(key: string, record: OffenceRecord): Promise<void> {
    const text = JSON.stringify(record, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    await this.#parts.store.commit([{ key, value: Buffer.from(text) }]);
  }

  #all(prefix = this.#prefix): [string, OffenceRecord][] {
    const { store } = this.#parts;
    return store.keys(prefix).map((key) => {
      const parsed = recordSchema.safeParse(JSON.parse(Buffer.from(store.get(key) ?? []).toString()));
      ensureCheck(
        parsed.success,
        "WORKER_JOURNAL_INVALID",
        `the journal's entry ${key} has another form than expected`,
      );
      return [key, parsed.data];
    });
  }
}

function certificateToJson({ signature, absentees }: Certificate): Written["certificate"] {
  return { signature: toHex(signature), absentees: absentees.toString() };
}
