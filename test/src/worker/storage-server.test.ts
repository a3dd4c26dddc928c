import { once } from "node:events";
import { connect } from "node:net";

import { expect } from "chai";

import { variedFile } from "../../support/files.ts";
import { OTHER_ROOT, submissionOf, uploadsOf, wireSegment } from "../../support/storage-files.ts";
import { startTestNode, type TestNode } from "../../support/storage-node.ts";

interface Answer {
  result?: unknown;
  error?: { code: number; message: string; data: string };
}

const file = variedFile(700_000);
const submission = submissionOf(file, 3);
const uploads = uploadsOf(file).map(wireSegment);

describe("storage server", () => {
  let node: TestNode;

  beforeEach(async () => {
    node = await startTestNode();
    await node.submissions.add([submission], 9);
  });
  afterEach(() => node.close());

  async function post(body: string, url = node.url): Promise<{ status: number; answer: Answer }> {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return { status: response.status, answer: (await response.json()) as Answer };
  }

  async function call(method: string, ...params: unknown[]): Promise<Answer> {
    const { status, answer } = await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
    expect(status).to.equal(200);
    return answer;
  }

  it("answers what 0G's clients ask before an upload", async () => {
    const status = (await call("zgs_getStatus")).result;
    expect(status).to.deep.include({ logSyncHeight: 5, logSyncBlock: OTHER_ROOT, nextTxSeq: 4 });
    expect((await call("zgs_getShardConfig")).result).to.deep.equal({ shardId: 0, numShard: 1 });
    expect((await call("zgs_getFileInfo", OTHER_ROOT, true)).result).to.equal(null);
    expect(
      (await call("zgs_getFileInfo", submission.root.toUpperCase().replace("0X", "0x"), true)).result,
    ).to.deep.equal({
      tx: {
        streamIds: [],
        data: [],
        dataMerkleRoot: submission.root,
        merkleNodes: submission.nodes.map((item) => [item.height + 1, item.root]),
        startEntryIndex: submission.startLeaf,
        size: 700_000,
        seq: 3,
      },
      finalized: false,
      isCached: false,
      uploadedSegNum: 0,
      pruned: false,
    });
    expect((await call("zgs_checkFileFinalized", 3)).result).to.equal(false);
    expect((await call("zgs_downloadSegmentByTxSeq", 3, 0, 10)).result).to.equal(null);
    expect((await call("indexer_getFileLocations", submission.root)).result).to.equal(null);
    expect((await call("indexer_getShardedNodes")).result).to.deep.equal({ trusted: [], discovered: [] });
  });

  it("takes a file and gives it back with proofs", async () => {
    expect((await call("zgs_uploadSegmentsByTxSeq", uploads.slice(0, 2), 3)).result).to.equal(0);
    expect((await call("zgs_uploadSegment", uploads[2])).result).to.equal(0);
    expect(node.finalised).to.deep.equal([3]);
    expect((await call("zgs_checkFileFinalized", submission.root)).result).to.equal(true);
    const segment = await call("zgs_downloadSegmentWithProof", submission.root, 1);
    expect(segment.result).to.deep.equal(uploads[1]);
    const leaves = await call("zgs_downloadSegmentByTxSeq", 3, 1000, 1100);
    expect(leaves.result).to.equal(Buffer.from(file.subarray(256_000, 281_600)).toString("base64"));
  });

  it("answers duplicates with the texts that 0G's clients count as done", async () => {
    await call("zgs_uploadSegmentsByTxSeq", uploads.slice(0, 1), 3);
    const duplicate = await call("zgs_uploadSegmentsByTxSeq", uploads.slice(0, 1), 3);
    expect(duplicate.error?.message).to.contain("segment has already been uploaded or is being uploaded");
    expect(duplicate.error?.data).to.contain("already uploaded and finalized");
    await call("zgs_uploadSegmentsByTxSeq", uploads, 3);
    const finalised = await call("zgs_uploadSegmentsByTxSeq", uploads.slice(0, 1), 3);
    expect(finalised.error).to.deep.equal({
      code: -32602,
      message: "Invalid params: root",
      data: "already uploaded and finalized",
    });
  });

  it("refuses bad uploads by name and keeps nothing", async () => {
    const before = node.store.keys("");
    const segment = uploads[0] ?? {};
    const cases: [unknown[], string][] = [
      [[[segment], 8], "STORAGE_SUBMISSION_UNKNOWN"],
      [[[segment]], "STORAGE_PARAMS_INVALID"],
      [[[], 3], "STORAGE_PARAMS_INVALID"],
      [[[segment], 1.5], "STORAGE_PARAMS_INVALID"],
      [[[{ ...segment, data: "not base64!" }], 3], "STORAGE_PARAMS_INVALID"],
      [[[{ ...segment, data: "A".repeat(400_000) }], 3], "STORAGE_PARAMS_INVALID"],
      [[[{ ...segment, root: "0x12" }], 3], "STORAGE_PARAMS_INVALID"],
      [[[{ ...segment, root: OTHER_ROOT }], 3], "STORAGE_FILE_MISMATCH"],
      [[[{ ...segment, fileSize: 5 }], 3], "STORAGE_LENGTH_MISMATCH"],
      [[[{ ...segment, data: "AAAA" }], 3], "CRYPTO_SEGMENT_LENGTH"],
      [[[{ ...segment, data: Buffer.alloc(262_144).toString("base64") }], 3], "CRYPTO_SEGMENT_MISMATCH"],
      [[[{ ...segment, index: 9 }], 3], "CRYPTO_SEGMENT_RANGE"],
      [[[{ ...segment, proof: { lemma: [submission.root], path: [] } }], 3], "CRYPTO_PROOF_DEPTH"],
    ];
    for (const [params, code] of cases) {
      const { error } = await call("zgs_uploadSegmentsByTxSeq", ...params);
      expect(error?.code, code).to.equal(-32602);
      expect(error?.data).to.contain(code);
    }
    expect(node.store.keys("")).to.deep.equal(before);
  });

  it("refuses ranges that are not the file's", async () => {
    await call("zgs_uploadSegmentsByTxSeq", uploads, 3);
    for (const [start, end] of [
      [0, 0],
      [0, 1025],
      [2700, 2800],
    ]) {
      expect((await call("zgs_downloadSegmentByTxSeq", 3, start, end)).error?.data).to.contain("STORAGE_LEAF_RANGE");
    }
    expect((await call("zgs_downloadSegmentByTxSeq", 3, -1, 5)).error?.data).to.contain("STORAGE_PARAMS_INVALID");
    expect((await call("zgs_downloadSegmentWithProofByTxSeq", 3, 3)).error?.data).to.contain("STORAGE_SEGMENT_RANGE");
  });

  it("answers errors of the transport with status 200 too", async () => {
    expect((await post("{")).answer.error?.code).to.equal(-32700);
    expect((await post("")).answer.error?.code).to.equal(-32700);
    const long = await post(`"${"x".repeat(5 * 1024 * 1024)}"`).catch(() => undefined);
    if (long) expect(long).to.deep.include({ status: 200 });
    if (long) expect(long.answer.error?.data).to.contain("STORAGE_BODY_LENGTH");
    expect((await call("zgs_getShardConfig")).result).to.deep.equal({ shardId: 0, numShard: 1 });
  });

  it("keeps serving while a client stalls in the middle of a body, and forgets what it got", async () => {
    const before = node.store.keys("");
    const { port } = new URL(node.url);
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "zgs_uploadSegmentsByTxSeq", params: [uploads, 3] });
    const head = `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, 300_000));
    expect((await call("zgs_getShardConfig")).result).to.deep.equal({ shardId: 0, numShard: 1 });
    socket.destroy();
    await once(socket, "close");
    expect((await call("zgs_getFileInfoByTxSeq", 3)).result).to.deep.include({ uploadedSegNum: 0 });
    expect(node.store.keys("")).to.deep.equal(before);
  });

  it("limits the calls of one client", async () => {
    const limited = await startTestNode({ bodyBytes: 1_000, batchCalls: 2, callsPerSecond: 0.001, burst: 2 });
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "zgs_getShardConfig" });
    const codes: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) codes.push((await post(body, limited.url)).answer.error?.code);
    expect(codes).to.deep.equal([undefined, undefined, -32005]);
    await limited.close();
  });
});
