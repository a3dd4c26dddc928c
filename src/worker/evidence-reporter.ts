import { randomBytes } from "node:crypto";

import { ZeroAddress } from "ethers";

import { chainTime, readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { type Hex, toHex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import type { KeyValueStore } from "../db/key-value-store.ts";
import { evidenceCommitment } from "../staking/evidence.ts";
import { isClosed, type ServiceHome } from "../staking/service-home.ts";
import { homeProvider } from "../staking/table-history.ts";
import type { Conflict } from "../staking/vote-book.ts";
import { TaskGate } from "../storage/task-gate.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type Report, ReportJournal } from "./report-journal.ts";

/** Reports that are moved on at once. */
const REPORTS_AT_ONCE = 16;
/** What a report is refused with only until time passes or a record is made. */
const NOT_YET = new Set(["SlasherCommitmentNotInForce", "EquivocationVerifierRowNotGuilty"]);

/** What a reporter is made of. */
export interface EvidenceReporterParts {
  readonly home: ServiceHome;
  /** Who reports, and is paid. */
  readonly sender: TxSender;
  readonly store: KeyValueStore;
  readonly logger: Logger;
}

/**
 * Takes evidence to the chain so that whoever copies it gains nothing: first a commitment, in a later second the evidence, and after the
 * window the bounty. Each step is kept before it is taken and compared with the chain before it is repeated, so a reporter that is
 * killed goes on where it was and submits nothing twice.
 */
export class EvidenceReporter {
  readonly #parts: EvidenceReporterParts;
  readonly #journal: ReportJournal;
  readonly #gate = new TaskGate(REPORTS_AT_ONCE);

  constructor(parts: EvidenceReporterParts) {
    this.#parts = parts;
    this.#journal = new ReportJournal(parts.store, parts.home);
  }

  /** All offences that were enlisted and are not forgotten. */
  get reports(): readonly Report[] {
    return this.#journal.all();
  }

  /** Takes over offences. One that is known is left as it is, whatever its evidence now. @returns how many are new */
  async enlist(offences: readonly Conflict[]): Promise<number> {
    const fresh = offences.filter((offence) => !this.#journal.find(offence));
    await this.#journal.keep(
      fresh.map((offence) => ({ ...offence, salt: toHex(randomBytes(32)), stage: "found", note: "" })),
    );
    for (const { operator, offenceKey } of fresh) this.#parts.logger.warn({ operator, offenceKey }, "found an offence");
    return fresh.length;
  }

  /** Whether every one of these offences is committed to or past that. */
  async areCommitted(offences: readonly Conflict[]): Promise<boolean> {
    const { Slasher } = this.#parts.home.contracts;
    const times = offences.map(async (offence) => {
      const report = this.#journal.find(offence);
      if (!report || report.stage !== "found") return true;
      return (await readChain(Slasher.committedAt(this.#commitment(report)))) !== 0n;
    });
    return (await Promise.all(times)).every(Boolean);
  }

  /** Takes the next step of every report. What the chain refuses for now is tried again next time. */
  async advance(): Promise<void> {
    const open = this.#journal.all().filter(({ stage }) => stage === "found" || stage === "reported");
    if (open.length === 0) return;
    const now = await chainTime(homeProvider(this.#parts.home));
    await Promise.all(open.map((report) => this.#gate.run(() => this.#advance(report, now))));
  }

  /** Forgets what is finished and too old to come up again. */
  async dropClosed(now: bigint): Promise<void> {
    const { home } = this.#parts;
    const isOver = ({ stage, epoch }: Report): boolean =>
      (stage === "paid" || stage === "done") && isClosed(home, epoch, now);
    const closed = this.#journal.all().filter(isOver);
    if (closed.length > 0) await this.#journal.drop(closed);
  }

  async #advance(report: Report, now: bigint): Promise<void> {
    try {
      if (report.stage === "found") await this.#bring(report, now);
      else await this.#collect(report, now);
    } catch (error) {
      if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
      const { operator, offenceKey } = report;
      this.#parts.logger.warn({ err: error, operator, offenceKey }, "a report did not get on; trying again");
    }
  }

  /** Commits, and in a later second reports. */
  async #bring(report: Report, now: bigint): Promise<void> {
    const { home, sender } = this.#parts;
    const { Slasher } = home.contracts;
    const commitment = this.#commitment(report);
    const committedAt = await readChain(Slasher.committedAt(commitment));
    if (committedAt === 0n) {
      if (await this.#isWorthless(report)) return;
      await sender.send(Slasher.commit.populateTransaction(commitment));
      return;
    }
    if (committedAt >= now) return;

    const { serviceId } = home;
    const { operator, offenceKey, evidence, salt } = report;
    const [punishedWad, bounty] = await readChain(
      Promise.all([
        Slasher.punishedWad(serviceId, operator, offenceKey),
        Slasher.bounty(serviceId, operator, offenceKey),
      ]),
    );
    const isOurs = sameAddress(bounty.receiver, sender.address);
    if (isOurs) return this.#move(report, "reported", "");
    if (punishedWad > 0n) {
      const isOpen = bounty.amountWei > 0n && now < bounty.closesAt;
      const isEarlier = bounty.receiver === ZeroAddress || committedAt < bounty.committedAt;
      if (!isOpen || !isEarlier) return this.#move(report, "done", "punished already, and the bounty is another's");
    }
    try {
      await sender.send(Slasher.report.populateTransaction(serviceId, evidence, salt));
    } catch (error) {
      return this.#refused(report, error);
    }
    await this.#move(report, "reported", "");
  }

  /**
   * Whether the chain would refuse the evidence, or take nothing for it; then the report is done. Asked before anything is paid for:
   * anybody can register as an operator and sign contradictions all day.
   */
  async #isWorthless(report: Report): Promise<boolean> {
    const { home } = this.#parts;
    try {
      const slashedWei = await readChain(home.contracts.Slasher.submit.staticCall(home.serviceId, report.evidence));
      if (slashedWei > 0n) return false;
    } catch (error) {
      const isLate = error instanceof GlassboxError && error.details["error"] === "SlasherAlreadyPunished";
      if (isLate || isNotYet(error)) return false;
      await this.#refused(report, error);
      return true;
    }
    await this.#move(report, "done", "nothing is at stake");
    return true;
  }

  async #refused(report: Report, error: unknown): Promise<void> {
    if (!(error instanceof GlassboxError) || error.kind !== "revert") throw error;
    // Without a name it is the sender who can't pay.
    if (error.code !== "CHAIN_REVERTED" || isNotYet(error)) throw error;
    await this.#move(report, "done", `the chain refused the evidence: ${String(error.details["error"])}`);
  }

  /** Claims the bounty once its window has closed, unless it became another's. */
  async #collect(report: Report, now: bigint): Promise<void> {
    const { home, sender } = this.#parts;
    const { Slasher } = home.contracts;
    const { operator, offenceKey } = report;
    const bounty = await readChain(Slasher.bounty(home.serviceId, operator, offenceKey));
    if (bounty.amountWei === 0n) return this.#move(report, "done", "no bounty is left");
    const isOurs = sameAddress(bounty.receiver, sender.address);
    if (!isOurs) return this.#move(report, "done", "another's commitment is older");
    if (now < bounty.closesAt) return;
    await sender.send(Slasher.claimBounty.populateTransaction(home.serviceId, operator, offenceKey));
    await this.#move(report, "paid", `${bounty.amountWei} base units`);
  }

  async #move(report: Report, stage: Report["stage"], note: string): Promise<void> {
    await this.#journal.keep([{ ...report, stage, note }]);
    const { operator, offenceKey } = report;
    this.#parts.logger.info({ operator, offenceKey, stage, note }, "moved a report on");
  }

  #commitment({ evidence, salt }: Report): Hex {
    const { home, sender } = this.#parts;
    return evidenceCommitment({ serviceId: home.serviceId, evidence, reporter: sender.address as Hex, salt });
  }
}

function isNotYet(error: unknown): boolean {
  return error instanceof GlassboxError && NOT_YET.has(String(error.details["error"]));
}
