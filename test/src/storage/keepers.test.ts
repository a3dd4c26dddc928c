import { expect } from "chai";

import { MemoryStore } from "../../../src/db/memory-store.ts";
import { EpochKeeper } from "../../../src/storage/epoch-keeper.ts";
import { FileStore } from "../../../src/storage/file-store.ts";
import type { MarketChain, ProofsChain } from "../../../src/storage/keeper-ports.ts";
import { RowKeeper } from "../../../src/storage/row-keeper.ts";
import { SeedRecorder } from "../../../src/storage/seed-recorder.ts";
import { SubmissionStore } from "../../../src/storage/submission-store.ts";
import { variedFile } from "../../support/files.ts";
import { submissionOf, uploadsOf } from "../../support/storage-files.ts";

const seeds = new SeedRecorder({ isRecorded: () => Promise.resolve(true), record: () => Promise.resolve() });
const file = variedFile(200);

/** Deals `firsts` of one row each; the bytes of those with an even number are here. */
async function flood(deals: number): Promise<{ submissions: SubmissionStore; files: FileStore }> {
  const submissions = new SubmissionStore(new MemoryStore());
  const files = new FileStore(new MemoryStore());
  const held = submissionOf(file, 0);
  const notHeld = submissionOf(variedFile(201), 1);
  await submissions.add(
    [held, notHeld],
    1,
    Array.from({ length: deals }, (_, i) => ({ submission: i % 2, firstRowId: i, rows: 1, fillDeadlineBlock: 1_000 })),
  );
  await files.accept(held, uploadsOf(file));
  return { submissions, files };
}

describe("row keeper", () => {
  it("does a bounded part of a flood of deals at each block, and all of it in the end", async () => {
    const deals = 2_000;
    const parts = await flood(deals);
    const announced = new Set<number>();
    let reads = 0;
    const market: MarketChain = {
      copies: 2,
      isObligable: () => Promise.resolve(true),
      row: (rowId) => {
        reads++;
        return Promise.resolve({
          submission: rowId % 2,
          firstLeaf: 0,
          height: 0,
          seatCount: announced.has(rowId) ? 2 : 0,
        });
      },
      holdsSeat: () => Promise.resolve(false),
      seedBlockOf: () => Promise.resolve(0),
      announce: (rowIds) => {
        for (const rowId of rowIds) announced.add(rowId);
        return Promise.resolve();
      },
      fillDraws: () => Promise.resolve([0]),
      fill: () => Promise.resolve(),
    };
    const keeper = new RowKeeper({ ...parts, market, seeds, onEvent: () => undefined });
    for (let head = 1; head <= 60; head++) {
      const before = announced.size;
      reads = 0;
      await keeper.tick(head);
      expect(announced.size - before).to.be.at.most(32);
      expect(reads).to.be.at.most(300);
    }
    expect(announced.size).to.equal(deals / 2);
    expect([...announced].every((rowId) => rowId % 2 === 0)).to.equal(true);
  });
});

describe("epoch keeper", () => {
  it("looks at a crowd of holders bit by bit, so that it is not late for its own challenge", async () => {
    const holders = Array.from({ length: 500 }, (_, i) => `holder ${i}`);
    const missed = new Set<string>();
    let looks = 0;
    const proofs: ProofsChain = {
      holder: "me",
      reportEpochs: 1,
      currentEpoch: () => Promise.resolve(1),
      firstBlockOf: () => 0,
      holders: () => Promise.resolve(holders),
      liveLeaves: (holder, epoch) => {
        if (epoch === 0) looks++;
        return Promise.resolve(holder === "me" ? 0 : 1);
      },
      hasAnswered: () => Promise.resolve(false),
      hasMissed: (holder) => Promise.resolve(missed.has(holder)),
      isBeyondTolerance: () => Promise.resolve(false),
      challenge: () => Promise.resolve([]),
      answer: () => Promise.resolve(),
      reportMiss: (holder) => {
        missed.add(holder);
        return Promise.resolve();
      },
      isPunished: () => Promise.resolve(false),
      slash: () => Promise.resolve(),
      evict: () => Promise.resolve(),
    };
    const keeper = new EpochKeeper({ ...(await flood(0)), proofs, seeds, onEvent: () => undefined });
    for (let tick = 0; tick < 20; tick++) {
      looks = 0;
      await keeper.tick(10);
      expect(looks).to.be.at.most(32);
    }
    expect(missed.size).to.equal(500);
  });
});
