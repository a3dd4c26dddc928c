import { expect } from "chai";

import { leafRuns } from "../../../src/crypto/file-shape.ts";
import { FileTree, rootOfOpening } from "../../../src/crypto/file-tree.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { FileStore, type SegmentUpload } from "../../../src/storage/file-store.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { variedFile } from "../../support/files.ts";
import { OTHER_ROOT, submissionOf, uploadsOf } from "../../support/storage-files.ts";

const file = variedFile(1_048_579);
const submission = submissionOf(file);
const uploads = uploadsOf(file);
const upload = (index: number): SegmentUpload => uploads[index] as SegmentUpload;

async function filled(): Promise<FileStore> {
  const files = new FileStore(new MemoryStore());
  await files.accept(submission, uploads);
  return files;
}

describe("FileStore", () => {
  it("takes segments in any order and gives back their bytes", async () => {
    const store = new MemoryStore();
    const files = new FileStore(store);
    for (const index of [4, 0, 3, 1, 2]) {
      expect(files.isComplete(submission)).to.equal(false);
      await files.accept(submission, [upload(index)]);
    }
    expect(files.isComplete(submission)).to.equal(true);
    for (const item of uploads) expect(Buffer.compare(files.segment(submission, item.index), item.data)).to.equal(0);
    const reopened = new FileStore(store);
    expect(reopened.isComplete(submission)).to.equal(true);
    expect(reopened.segmentProof(submission, 2)).to.deep.equal(upload(2).proof);
    expect(reopened.segmentProof(submission, 4)).to.deep.equal(upload(4).proof);
  });

  it("gives back leaves across a segment's end", async () => {
    const files = await filled();
    const leaves = files.leaves(submission, 1000, 1100);
    expect(Buffer.compare(leaves, file.subarray(256_000, 281_600))).to.equal(0);
    for (const [start, end] of [
      [5, 5],
      [0, 1025],
      [4090, 4098],
    ] as const) {
      expect(await rejectionCodeOf(() => files.leaves(submission, start, end))).to.equal("STORAGE_LEAF_RANGE");
    }
  });

  it("opens any leaf of any row against the row's root, padding included", async () => {
    for (const byteLength of [1, 257, 65_537, 262_145, 1_048_579, 2_200_000]) {
      const bytes = variedFile(byteLength);
      const tree = new FileTree(bytes);
      const files = new FileStore(new MemoryStore());
      const item = submissionOf(bytes);
      await files.accept(item, uploadsOf(bytes));
      for (const run of leafRuns(tree.leaves)) {
        const last = 2 ** run.height - 1;
        for (const index of [0, Math.floor(last / 3), last]) {
          const opening = files.openLeaf(item, run, index);
          expect(opening).to.deep.equal(tree.openLeafInRun(run, index));
          expect(rootOfOpening(opening, index, last + 1)).to.equal(tree.runRoot(run));
        }
      }
    }
  });

  it("knows which rows it can open before the file is complete", async () => {
    const files = new FileStore(new MemoryStore());
    const [large, small] = leafRuns(4608);
    if (!large || !small) throw new TypeError("two rows expected");
    await files.accept(submission, [upload(4)]);
    expect(files.holdsRun(submission, small)).to.equal(true);
    expect(files.holdsRun(submission, large)).to.equal(false);
    await files.accept(submission, [0, 1, 2, 3].map(upload));
    expect(files.holdsRun(submission, large)).to.equal(true);
  });

  it("refuses by name what is wrong, and keeps nothing of it", async () => {
    const store = new MemoryStore();
    const files = new FileStore(store);
    const flipped = upload(1).data.slice();
    flipped[5] = 1;
    const longer = new Uint8Array(upload(4).data.length + 256);
    const dirtyTail = upload(4).data.slice();
    dirtyTail[200] = 1;
    const cases: [SegmentUpload, string][] = [
      [{ ...upload(1), data: flipped }, "CRYPTO_SEGMENT_MISMATCH"],
      [{ ...upload(1), data: upload(0).data }, "CRYPTO_SEGMENT_MISMATCH"],
      [{ ...upload(1), data: new Uint8Array() }, "CRYPTO_SEGMENT_LENGTH"],
      [{ ...upload(4), data: longer }, "CRYPTO_SEGMENT_LENGTH"],
      [{ ...upload(4), data: dirtyTail }, "CRYPTO_SEGMENT_TAIL"],
      [{ ...upload(1), index: 5 }, "CRYPTO_SEGMENT_RANGE"],
      [{ ...upload(1), index: 2 }, "CRYPTO_PROOF_PATH"],
      [
        { ...upload(1), proof: { lemma: upload(1).proof.lemma.slice(1), path: upload(1).proof.path } },
        "CRYPTO_PROOF_DEPTH",
      ],
      [{ ...upload(1), root: OTHER_ROOT }, "STORAGE_FILE_MISMATCH"],
      [{ ...upload(1), byteLength: file.length - 1 }, "STORAGE_LENGTH_MISMATCH"],
    ];
    for (const [bad, code] of cases) {
      expect(await rejectionCodeOf(() => files.accept(submission, [upload(0), bad]))).to.equal(code);
      expect(store.keys("")).to.deep.equal([]);
      expect(files.segmentsHeld(submission)).to.equal(0);
    }
    expect(await rejectionCodeOf(() => files.segment(submission, 0))).to.equal("STORAGE_SEGMENT_MISSING");
  });

  it("reports duplicates, also of segments that are being written, and finalised files", async () => {
    const files = new FileStore(new MemoryStore());
    const codes = await Promise.all(
      [1, 1].map((index) => rejectionCodeOf(() => files.accept(submission, [upload(index)]))),
    );
    expect(codes).to.deep.equal(["none", "STORAGE_SEGMENT_DUPLICATE"]);
    await files.accept(submission, [upload(1), upload(2)]);
    expect(files.segmentsHeld(submission)).to.equal(2);
    await files.accept(submission, uploads);
    expect(await rejectionCodeOf(() => files.accept(submission, [upload(1)]))).to.equal("STORAGE_FILE_FINALISED");
  });

  it("keeps the same bytes once for two submissions", async () => {
    const files = await filled();
    expect(files.isComplete(submissionOf(file, 7))).to.equal(true);
    expect(files.isComplete({ root: submission.root, byteLength: file.length - 1 })).to.equal(false);
  });

  it("takes no more than it has room for, also after a restart", async () => {
    const store = new MemoryStore();
    const capacity = 2 * 262_144;
    const files = new FileStore(store, capacity);
    await files.accept(submission, [upload(0)]);
    expect(await rejectionCodeOf(() => files.accept(submission, [upload(1), upload(2)]))).to.equal("STORAGE_FULL");
    expect(files.segmentsHeld(submission)).to.equal(1);
    await files.accept(submission, [upload(1)]);
    const reopened = new FileStore(store, capacity);
    expect(await rejectionCodeOf(() => reopened.accept(submission, [upload(2)]))).to.equal("STORAGE_FULL");
  });
});
