import { expect } from "chai";

import { MemoryStore } from "../../../src/db/memory-store.ts";
import { SubmissionStore } from "../../../src/storage/submission-store.ts";
import { submissionFromEvent } from "../../../src/storage/submission.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { variedFile } from "../../support/files.ts";
import { submissionOf } from "../../support/storage-files.ts";

describe("SubmissionStore", () => {
  const first = submissionOf(variedFile(10), 0);
  const again = submissionOf(variedFile(10), 5);
  const deal = { submission: 0, firstRowId: 0, rows: 1, fillDeadlineBlock: 30 };

  it("remembers submissions, deals and how far the chain was read", async () => {
    const store = new MemoryStore();
    const submissions = new SubmissionStore(store);
    expect(submissions.nextBlock).to.equal(undefined);
    expect(submissions.nextIndex).to.equal(0);
    await submissions.add([first], 10, [deal]);
    await submissions.add([first, again], 12);
    for (const view of [submissions, new SubmissionStore(store)]) {
      expect(view.nextBlock).to.equal(12);
      expect(view.nextIndex).to.equal(6);
      expect(view.get(5)).to.deep.equal(again);
      expect(view.withRoot(first.root)).to.deep.equal([first, again]);
      expect(view.openDeals(29)).to.deep.equal([deal]);
      expect(view.openDeals(30)).to.deep.equal([]);
    }
  });

  it("forgets deals that are closed", async () => {
    const store = new MemoryStore();
    const submissions = new SubmissionStore(store);
    await submissions.add([first], 10, [deal]);
    await submissions.add([], 31);
    expect(store.keys("deal/")).to.deep.equal([]);
    expect(submissions.openDeals(0)).to.deep.equal([]);
  });

  it("lets a later log of the same index win, as after a reorganisation", async () => {
    const submissions = new SubmissionStore(new MemoryStore());
    const other = submissionOf(variedFile(700), 0);
    await submissions.add([first], 10);
    await submissions.add([other], 11);
    expect(submissions.get(0)).to.deep.equal(other);
    expect(submissions.withRoot(first.root)).to.deep.equal([]);
  });
});

describe("submissionFromEvent", () => {
  const { nodes, root } = submissionOf(variedFile(600));
  const event = {
    submissionIndex: 4n,
    startPos: 8n,
    byteLength: 600n,
    nodes: nodes.map((node) => ({ root: node.root, height: BigInt(node.height) })),
  };

  it("computes the root that the event does not carry", () => {
    expect(submissionFromEvent(event)).to.deep.equal({ index: 4, root, byteLength: 600, startLeaf: 8, nodes });
  });

  it("refuses nodes of another length", async () => {
    for (const byteLength of [0n, 100n, 513n * 256n, 2n ** 60n]) {
      const code = await rejectionCodeOf(() => submissionFromEvent({ ...event, byteLength }));
      expect(code).to.equal(byteLength === 0n ? "CRYPTO_FILE_EMPTY" : "STORAGE_SUBMISSION_SHAPE");
    }
  });
});
