import { toHex } from "../../src/core/bytes.ts";
import { SEGMENT_BYTES, segmentCount, segmentLeafCount } from "../../src/crypto/file-shape.ts";
import { FileTree } from "../../src/crypto/file-tree.ts";
import type { SegmentUpload } from "../../src/storage/file-store.ts";
import type { Submission } from "../../src/storage/submission.ts";

/** A submission of these bytes as the chain would know it. */
export function submissionOf(bytes: Uint8Array, index = 0, startLeaf = 1024 * (index + 1)): Submission {
  const tree = new FileTree(bytes);
  return { index, root: tree.root, byteLength: bytes.length, startLeaf, nodes: tree.submissionNodes() };
}

/** All segments of a file as a client sends them. */
export function uploadsOf(bytes: Uint8Array): SegmentUpload[] {
  const tree = new FileTree(bytes);
  return Array.from({ length: segmentCount(bytes.length) }, (_, index) => {
    const data = new Uint8Array(segmentLeafCount(bytes.length, index) * 256);
    data.set(bytes.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES));
    return { index, root: tree.root, byteLength: bytes.length, data, proof: tree.segmentProof(index) };
  });
}

/** A segment in the form it has in JSON-RPC. */
export function wireSegment(upload: SegmentUpload): Record<string, unknown> {
  const { root, index, proof, byteLength, data } = upload;
  return { root, index, proof, fileSize: byteLength, data: Buffer.from(data).toString("base64") };
}

/** A root that no file in the tests has. */
export const OTHER_ROOT = toHex(new Uint8Array(32).fill(0xab));
