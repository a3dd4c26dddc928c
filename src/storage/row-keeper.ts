import { GlassboxError } from "../core/errors.ts";
import type { FileStore } from "./file-store.ts";
import { tellRefusal, type KeeperEvent } from "./keeper-events.ts";
import type { MarketChain, RowState } from "./keeper-ports.ts";
import type { SeedRecorder } from "./seed-recorder.ts";
import { SEED_WINDOW } from "./seed-recorder.ts";
import type { Deal, SubmissionStore } from "./submission-store.ts";
import type { Submission } from "./submission.ts";

/** Rows of one announcement. */
const MAX_ANNOUNCED = 64;
/** Rows that are announced or filled in one tick, and rows that are looked up: a flood of deals must not make a holder late for its challenge. */
const MAX_CANDIDATES = 32;
const MAX_LOOKUPS = 128;
/** Refusals after which a row is given up. */
const MAX_ATTEMPTS = 5;
/** Errors that mean that there is no seat left for us. */
const SETTLED = new Set(["MarketRowFull", "MarketSeatTaken", "MarketFillClosed"]);

interface Candidate {
  readonly rowId: number;
  readonly row: RowState;
  readonly submission: Submission;
}

/** Takes seats in the rows of open deals whose bytes are here: announces them, then proves possession. */
export class RowKeeper {
  readonly #market: MarketChain;
  readonly #seeds: SeedRecorder;
  readonly #submissions: SubmissionStore;
  readonly #files: FileStore;
  readonly #onEvent: KeeperEvent;
  readonly #rows = new Map<number, RowState>();
  readonly #done = new Set<number>();
  readonly #attempts = new Map<number, number>();
  /** First row of the last deal that a tick came to, -1 if it came to all. */
  #lastDeal = -1;

  constructor(parts: {
    readonly market: MarketChain;
    readonly seeds: SeedRecorder;
    readonly submissions: SubmissionStore;
    readonly files: FileStore;
    readonly onEvent: KeeperEvent;
  }) {
    this.#market = parts.market;
    this.#seeds = parts.seeds;
    this.#submissions = parts.submissions;
    this.#files = parts.files;
    this.#onEvent = parts.onEvent;
  }

  /** Does what can be done at block `head`. Safe to repeat, also after a restart: what was done is read from the chain. */
  async tick(head: number): Promise<void> {
    const candidates = await this.#candidates(head);
    if (candidates.length === 0 || !(await this.#market.isObligable())) return;
    const unannounced: number[] = [];
    const fills: Promise<void>[] = [];
    for (const candidate of candidates) {
      const seedBlock = await this.#market.seedBlockOf(candidate.rowId);
      if (seedBlock === 0 || head - seedBlock > SEED_WINDOW) unannounced.push(candidate.rowId);
      else if (seedBlock <= head) fills.push(this.#fill(candidate, seedBlock, head));
    }
    await Promise.all(fills);
    for (let i = 0; i < unannounced.length; i += MAX_ANNOUNCED) {
      await this.#announce(unannounced.slice(i, i + MAX_ANNOUNCED));
    }
  }

  async #candidates(head: number): Promise<Candidate[]> {
    const found: Candidate[] = [];
    let lookups = 0;
    for (const deal of this.#dealsInTurn(head)) {
      const submission = this.#submissions.get(deal.submission);
      if (!submission || this.#files.segmentsHeld(submission) === 0) continue;
      if (found.length >= MAX_CANDIDATES || lookups >= MAX_LOOKUPS) return found;
      this.#lastDeal = deal.firstRowId;
      for (let rowId = deal.firstRowId; rowId < deal.firstRowId + deal.rows; rowId++) {
        if (this.#done.has(rowId)) continue;
        lookups++;
        const row = this.#rows.get(rowId) ?? (await this.#market.row(rowId));
        this.#rows.set(rowId, row);
        if (!this.#files.holdsRun(submission, row)) continue;
        if (await this.#isTaken(rowId)) this.#done.add(rowId);
        else found.push({ rowId, row, submission });
      }
    }
    this.#lastDeal = -1;
    return found;
  }

  /** Open deals from where the last tick stopped; what is kept of closed ones is forgotten. */
  #dealsInTurn(head: number): Deal[] {
    const deals = this.#submissions.openDeals(head).sort((a, b) => a.firstRowId - b.firstRowId);
    const firstOpen = deals[0]?.firstRowId ?? Number.POSITIVE_INFINITY;
    for (const known of [this.#rows, this.#done, this.#attempts]) {
      for (const rowId of known.keys()) if (rowId < firstOpen) known.delete(rowId);
    }
    const isNext = (deal: Deal): boolean => deal.firstRowId > this.#lastDeal;
    return [...deals.filter(isNext), ...deals.filter((deal) => !isNext(deal))];
  }

  async #isTaken(rowId: number): Promise<boolean> {
    const { seatCount } = await this.#market.row(rowId);
    return seatCount >= this.#market.copies || (await this.#market.holdsSeat(rowId));
  }

  async #announce(rowIds: readonly number[]): Promise<void> {
    try {
      await this.#market.announce(rowIds);
      this.#onEvent("rows announced", { rowIds });
    } catch (error) {
      tellRefusal(this.#onEvent, "announcement refused", error, { rowIds });
    }
  }

  async #fill({ rowId, row, submission }: Candidate, seedBlock: number, head: number): Promise<void> {
    try {
      if (!(await this.#seeds.ensure(seedBlock, head))) return;
      const draws = await this.#market.fillDraws(rowId);
      const openings = draws.map((leaf) => this.#files.openLeaf(submission, row, leaf));
      await this.#market.fill(rowId, openings);
      this.#done.add(rowId);
      this.#onEvent("row filled", { rowId, submission: submission.index });
    } catch (error) {
      const attempts = (this.#attempts.get(rowId) ?? 0) + 1;
      this.#attempts.set(rowId, attempts);
      const reason = error instanceof GlassboxError ? String(error.details["error"]) : "";
      if (SETTLED.has(reason) || attempts >= MAX_ATTEMPTS) this.#done.add(rowId);
      tellRefusal(this.#onEvent, "fill refused", error, { rowId, attempts });
    }
  }
}
