import type { LeafRun } from "../crypto/file-shape.ts";
import type { LeafOpening } from "../crypto/file-tree.ts";

/** A row of a deal: a perfect sub-tree of a submission. */
export interface RowState extends LeafRun {
  readonly submission: number;
  readonly seatCount: number;
}

/** A leaf that an epoch's challenge asks for. */
export interface ChallengeDraw extends LeafRun {
  readonly submission: number;
  /** Index within the row. */
  readonly leafIndex: number;
}

/** Seeds of blocks. */
export interface SeedChain {
  isRecorded(block: number): Promise<boolean>;
  /** Records the seed of a block of the last 256. */
  record(block: number): Promise<void>;
}

/** The market as one holder uses it. Refused transactions throw kind `revert` with the contract's error in `details.error`. */
export interface MarketChain {
  /** Seats of each row. */
  readonly copies: number;
  /** True if the holder's stake can be bound to the storage service now. */
  isObligable(): Promise<boolean>;
  row(rowId: number): Promise<RowState>;
  holdsSeat(rowId: number): Promise<boolean>;
  /** Block whose seed draws the leaves of an announced row, 0 if it is not announced. */
  seedBlockOf(rowId: number): Promise<number>;
  announce(rowIds: readonly number[]): Promise<void>;
  fillDraws(rowId: number): Promise<number[]>;
  fill(rowId: number, openings: readonly LeafOpening[]): Promise<void>;
}

/** Challenges of all holders; `holder` is one of them. */
export interface ProofsChain {
  readonly holder: string;
  readonly reportEpochs: number;
  currentEpoch(): Promise<number>;
  firstBlockOf(epoch: number): number;
  /** All members of the storage service. */
  holders(): Promise<string[]>;
  liveLeaves(holder: string, epoch: number): Promise<number>;
  hasAnswered(holder: string, epoch: number): Promise<boolean>;
  hasMissed(holder: string, epoch: number): Promise<boolean>;
  isBeyondTolerance(holder: string, epoch: number): Promise<boolean>;
  challenge(epoch: number): Promise<ChallengeDraw[]>;
  answer(epoch: number, openings: readonly LeafOpening[]): Promise<void>;
  reportMiss(holder: string, epoch: number): Promise<void>;
  /** True if the misses up to an epoch cost the holder stake already. */
  isPunished(holder: string, epoch: number): Promise<boolean>;
  /** Submits a holder's misses as evidence. */
  slash(holder: string, epoch: number): Promise<void>;
  /** Ends the seats of a holder that missed too often. */
  evict(holder: string, epoch: number): Promise<void>;
}
