import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { hexSchema, uintSchema } from "../core/schemas.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import type { ServiceTerms } from "../staking/service-home.ts";

const evidence = z.custom<Hex>((value) => typeof value === "string" && /^0x(?:[0-9a-f]{2})+$/.test(value));

const reportSchema = z.strictObject({
  operator: hexSchema(20),
  offenceKey: hexSchema(32),
  epoch: uintSchema(64),
  evidence,
  salt: hexSchema(32),
  /**
   * - found: the evidence is kept, and committed to as soon as the chain takes it;
   * - reported: the chain has it, and owes the bounty to this reporter so far;
   * - paid: the bounty was claimed;
   * - done: there is nothing more to do or to gain, see `note`.
   */
  stage: z.enum(["found", "reported", "paid", "done"]),
  note: z.string(),
});

/** What is known of one offence of one operator. */
export type Report = z.output<typeof reportSchema>;

/** Keeps the reports of one service, one for each operator and offence. */
export class ReportJournal {
  readonly #store: KeyValueStore;
  readonly #prefix: string;

  constructor(store: KeyValueStore, { domain, serviceId }: ServiceTerms) {
    this.#store = store;
    this.#prefix = `report/${domain.chainId}/${domain.verifyingContract.toLowerCase()}/${serviceId}/`;
  }

  /** All reports, by epoch. */
  all(): Report[] {
    return this.#store.keys(this.#prefix).flatMap((key) => this.#read(key) ?? []);
  }

  find(report: Pick<Report, "epoch" | "operator" | "offenceKey">): Report | undefined {
    return this.#read(this.#key(report));
  }

  /** Keeps reports; they survive the death of the process once this resolves. */
  async keep(reports: readonly Report[]): Promise<void> {
    await this.#store.commit(
      reports.map((report) => ({
        key: this.#key(report),
        value: Buffer.from(JSON.stringify({ ...report, epoch: report.epoch.toString() })),
      })),
    );
  }

  /** Forgets reports. */
  async drop(reports: readonly Report[]): Promise<void> {
    await this.#store.commit(reports.map((report) => ({ key: this.#key(report), value: undefined })));
  }

  #read(key: string): Report | undefined {
    const value = this.#store.get(key);
    if (!value) return undefined;
    const parsed = reportSchema.safeParse(JSON.parse(Buffer.from(value).toString()));
    ensureCheck(parsed.success, "WORKER_JOURNAL_INVALID", `the journal's entry ${key} has another form than expected`);
    return parsed.data;
  }

  #key({ epoch, operator, offenceKey }: Pick<Report, "epoch" | "operator" | "offenceKey">): string {
    return `${this.#prefix}${epoch.toString().padStart(20, "0")}/${operator.toLowerCase()}/${offenceKey}`;
  }
}
