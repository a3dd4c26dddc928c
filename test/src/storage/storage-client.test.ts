import { expect } from "chai";
import { z } from "zod";

import { FileTree, fileRoot } from "../../../src/crypto/file-tree.ts";
import { rpcMethod } from "../../../src/storage/json-rpc.ts";
import { StorageNodeClient } from "../../../src/storage/node-client.ts";
import { StorageClient } from "../../../src/storage/storage-client.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { variedFile } from "../../support/files.ts";
import { uploadsOf, wireSegment } from "../../support/storage-files.ts";
import { startTestNode, TestFlow, type TestNode } from "../../support/storage-node.ts";

const signal = new AbortController().signal;

describe("StorageClient", () => {
  let nodes: TestNode[];
  let flow: TestFlow;
  let client: StorageClient;

  beforeEach(async () => {
    nodes = await Promise.all([startTestNode(), startTestNode(), startTestNode()]);
    flow = new TestFlow(nodes);
    client = new StorageClient(
      nodes.map((node) => new StorageNodeClient(node.url)),
      flow,
    );
  });
  afterEach(() => Promise.all(nodes.map((node) => node.close())));

  for (const byteLength of [1, 255, 256, 257, 262_144, 262_145, 1_048_579]) {
    it(`stores ${byteLength} bytes on all nodes and gets them back`, async () => {
      const bytes = variedFile(byteLength);
      const stored = await client.upload(bytes, signal);
      expect(stored).to.deep.equal({ submission: 0, root: fileRoot(bytes), byteLength });
      for (const node of nodes) expect(node.finalised).to.deep.equal([0]);
      expect(Buffer.compare(await client.download(0, signal), bytes)).to.equal(0);
      expect(Buffer.compare(await client.downloadFile(stored, signal), bytes)).to.equal(0);
    });
  }

  it("refuses an empty file before anything is sent", async () => {
    expect(await rejectionCodeOf(() => client.upload(new Uint8Array(), signal))).to.equal("CRYPTO_FILE_EMPTY");
    expect(flow.submissions).to.have.length(0);
  });

  it("continues an upload that stopped half way", async () => {
    const bytes = variedFile(800_000);
    const uploads = uploadsOf(bytes);
    await flow.submit(bytes.length, new FileTree(bytes).submissionNodes());
    const half = new StorageNodeClient(nodes[0]?.url ?? "");
    await half.uploadSegments(uploads.slice(0, 2).map(wireSegment), 0, signal);
    expect(await rejectionCodeOf(() => client.resume(0, bytes.subarray(1), signal))).to.equal("STORAGE_FILE_MISMATCH");
    await client.resume(0, bytes, signal);
    await client.resume(0, bytes, signal);
    for (const node of nodes) expect(node.finalised).to.deep.equal([0]);
  });

  it("gets a file from the node that still has it", async () => {
    const bytes = variedFile(600_000);
    await client.upload(bytes, signal);
    await nodes[0]?.close();
    nodes[1]?.methods.set(
      "zgs_downloadSegmentWithProofByTxSeq",
      rpcMethod(z.unknown(), () => null),
    );
    expect(Buffer.compare(await client.download(0, signal), bytes)).to.equal(0);
    nodes[2]?.methods.set(
      "zgs_downloadSegmentWithProofByTxSeq",
      rpcMethod(z.unknown(), () => null),
    );
    expect(await rejectionCodeOf(() => client.download(0, signal))).to.equal("STORAGE_FILE_UNAVAILABLE");
  });

  it("turns down tampered segments, and says so if there is no true one", async () => {
    const bytes = variedFile(600_000);
    await client.upload(bytes, signal);
    const tampered = uploadsOf(bytes).map((upload) => {
      const data = upload.data.slice();
      data[100] = (data[100] ?? 0) ^ 1;
      return wireSegment({ ...upload, data });
    });
    const lie = rpcMethod(z.tuple([z.number(), z.number()]), ([, index]) => tampered[index]);
    for (const node of nodes.slice(0, 2)) node.methods.set("zgs_downloadSegmentWithProofByTxSeq", lie);
    expect(Buffer.compare(await client.download(0, signal), bytes)).to.equal(0);
    nodes[2]?.methods.set("zgs_downloadSegmentWithProofByTxSeq", lie);
    expect(await rejectionCodeOf(() => client.download(0, signal))).to.equal("STORAGE_SEGMENT_TAMPERED");
  });

  it("refuses a length that is not the chain's", async () => {
    const bytes = variedFile(1_000);
    const { root } = await client.upload(bytes, signal);
    expect(await rejectionCodeOf(() => client.downloadFile({ root, byteLength: 1_300 }, signal))).to.equal(
      "STORAGE_SEGMENT_TAMPERED",
    );
    expect(await rejectionCodeOf(() => client.downloadFile({ root, byteLength: 2 ** 40 }, signal))).to.equal(
      "STORAGE_FILE_LENGTH",
    );
  });

  it("fails an upload by name if a node is gone or forgets", async () => {
    await nodes[1]?.close();
    expect(await rejectionCodeOf(() => client.upload(variedFile(10), signal))).to.equal("STORAGE_UPLOAD_FAILED");
  });

  it("stores a file without the nodes that it does not need, dead or refusing", async () => {
    const clients = nodes.map((node) => new StorageNodeClient(node.url));
    const bytes = variedFile(300_000);
    await nodes[1]?.close();
    const tolerant = new StorageClient(clients, flow, 2);
    const stored = await tolerant.upload(bytes, signal);
    expect(nodes[0]?.finalised).to.deep.equal([stored.submission]);
    expect(nodes[2]?.finalised).to.deep.equal([stored.submission]);
    nodes[2]?.methods.delete("zgs_uploadSegmentsByTxSeq");
    expect(await rejectionCodeOf(() => tolerant.upload(variedFile(10), signal))).to.equal("STORAGE_UPLOAD_FAILED");
  });

  it("asks a node that lied only after the others", async () => {
    const bytes = variedFile(1_000_000);
    await client.upload(bytes, signal);
    let asked = 0;
    nodes[0]?.methods.set(
      "zgs_downloadSegmentWithProofByTxSeq",
      rpcMethod(z.unknown(), () => {
        asked++;
        return { nonsense: true };
      }),
    );
    for (let i = 0; i < 5; i++) await client.download(0, signal);
    expect(asked).to.be.at.most(2);
  });

  it("stops when it is told to", async () => {
    nodes[0]?.methods.set(
      "zgs_getFileInfoByTxSeq",
      rpcMethod(z.unknown(), () => null),
    );
    const abort = new AbortController();
    setImmediate(() => {
      abort.abort();
    });
    const outcome = await client.upload(variedFile(10), abort.signal).catch((error: unknown) => error);
    expect(outcome).to.have.property("name", "AbortError");
  });
});
